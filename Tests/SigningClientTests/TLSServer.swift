import SigningClient
import TestSupport

/// A server over TLS with a certificate of its own authority, and a proxy that makes tunnels to it.
struct TLSServer {
    let port: UInt16
    let proxyPort: UInt16
    let child: ChildProcess
    private let authority: CertificateAuthority

    init() throws {
        authority = try CertificateAuthority()
        let pair = try authority.issue("/CN=localhost")
        child = try ChildProcess(
            Python.interpreter(),
            ["\(Locations.packageRoot)/Tests/SigningClientTests/tls_server.py", pair.certificate, pair.key])
        let ports = try child.waitForLine(on: .standardOutput) { _ in true }.split(separator: " ")
            .compactMap { UInt16($0) }
        guard ports.count == 2 else { throw child.failure("names no ports") }
        (port, proxyPort) = (ports[0], ports[1])
    }

    var url: String { "https://127.0.0.1:\(port)" }

    var trust: Trust { .bundle(path: authority.authority.certificate) }
}
