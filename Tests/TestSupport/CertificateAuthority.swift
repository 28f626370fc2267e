import Foundation

/// A certificate authority made for one test, by the openssl command.
package final class CertificateAuthority: Sendable {
    /// PEM files.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    package let authority: Pair
    private let directory: TemporaryDirectory

    /// - Parameter rsa: RSA keys of so many bits; nil: ECDSA on P-256.
    package init(_ name: String = "Test CA", rsa: Int? = nil) throws {
        directory = try TemporaryDirectory("ca")
        authority = Pair(certificate: directory.file("ca.pem"), key: directory.file("ca.key"))
        try Self.openSSL(
            ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=\(name)", "-keyout", authority.key]
                + ["-out", authority.certificate, "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
                + Self.newKey(rsa))
        try directory.write("", to: "index.txt")
        try directory.write("01\n", to: "crlnumber")
        try directory.write(
            """
            [ca]
            default_ca = this
            [this]
            database = \(directory.file("index.txt"))
            crlnumber = \(directory.file("crlnumber"))
            certificate = \(authority.certificate)
            private_key = \(authority.key)
            default_md = sha256
            default_crl_days = 30

            """, to: "ca.cnf")
    }

    /// - Parameters:
    ///   - subject: such as `/O=Example/CN=worker`.
    ///   - names: subject alternative names such as `DNS:localhost,IP:127.0.0.1`.
    package func issue(
        _ subject: String, names: String = "DNS:localhost,IP:127.0.0.1", usage: String = "serverAuth,clientAuth",
        rsa: Int? = nil, days: Int = 30
    ) throws -> Pair {
        let name = UUID().uuidString
        let pair = Pair(certificate: directory.file("\(name).pem"), key: directory.file("\(name).key"))
        let request = directory.file("\(name).csr")
        try Self.openSSL(
            ["req", "-new", "-nodes", "-utf8", "-subj", subject, "-keyout", pair.key, "-out", request]
                + Self.newKey(rsa))
        let extensions = try directory.write(
            "subjectAltName=\(names)\nextendedKeyUsage=\(usage)\nbasicConstraints=CA:FALSE\n", to: "\(name).ext")
        try Self.openSSL([
            "x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key, "-days", "\(days)",
            "-extfile", extensions, "-out", pair.certificate,
        ])
        return pair
    }

    /// - Returns: a file with the list of all that were revoked so far.
    package func revocationList(revoking certificates: [String] = []) throws -> String {
        let configuration = directory.file("ca.cnf")
        for certificate in certificates {
            try Self.openSSL(["ca", "-config", configuration, "-revoke", certificate])
        }
        let list = directory.file("\(UUID().uuidString).crl")
        try Self.openSSL(["ca", "-config", configuration, "-gencrl", "-out", list])
        return list
    }

    private static func newKey(_ rsa: Int?) -> [String] {
        rsa.map { ["-newkey", "rsa:\($0)"] } ?? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    }

    private static func openSSL(_ arguments: [String]) throws {
        let output = try ChildProcess.run("openssl", arguments)
        guard output.exit == .exited(0) else {
            throw SupportError("openssl \(arguments.joined(separator: " ")): \(output.standardError)")
        }
    }
}
