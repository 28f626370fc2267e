import Foundation
import TestSupport
import Testing
import Transport

/// Texts of which no context can be made.
struct TLSContextTests {
    private static let authority = Result { try CertificateAuthority() }
    private static let revocationList = Result { try authority.get().revocationList() }
    private static let good = Result { try authority.get().issue("/CN=server") }

    private func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func configuration() throws -> TLSConfiguration {
        let good = try Self.good.get()
        return TLSConfiguration(
            certificateChain: try bytes(good.certificate), privateKey: try bytes(good.key),
            clientAuthentication: TLSConfiguration.ClientAuthentication(
                authorities: try bytes(Self.authority.get().authority.certificate),
                revocationLists: try bytes(Self.revocationList.get()), isRequired: true))
    }

    private func error(_ change: (inout TLSConfiguration) throws -> Void) throws -> TLSError? {
        var configuration = try configuration()
        try change(&configuration)
        do throws(TLSError) {
            _ = try TLSContext(configuration, ticketKeys: TicketKeys())
            return nil
        } catch {
            return error
        }
    }

    @Test func `good ones, a chain among them`() throws {
        #expect(try error { _ in } == nil)
        #expect(
            try error { $0.certificateChain += try bytes(Self.authority.get().authority.certificate) } == nil)
    }

    @Test func `it is known when the first of a chain expires`() throws {
        var configuration = try configuration()
        let soon = try Self.authority.get().issue("/CN=soon", days: 3).certificate
        configuration.certificateChain += try bytes(soon)
        let context = try TLSContext(configuration, ticketKeys: TicketKeys())
        let printed = try ChildProcess.run(
            "openssl", ["x509", "-in", soon, "-noout", "-enddate", "-dateopt", "iso_8601"]
        ).standardOutput
        let end = try #require(printed.wholeMatch(of: /notAfter=(\S+) (\S+)\n/))
        let date = try Date("\(end.1)T\(end.2)", strategy: .iso8601)
        #expect(context.expiration == Int64(date.timeIntervalSince1970))
    }

    @Test func `none, or none of the kind`() throws {
        let key = try bytes(Self.good.get().key)
        for text in [[], Array("nonsense".utf8), key] {
            #expect(try error { $0.certificateChain = text }?.part == .certificate)
            #expect(try error { $0.clientAuthentication?.authorities = text }?.part == .clientAuthorities)
            #expect(try error { $0.clientAuthentication?.revocationLists = text }?.part == .revocationLists)
        }
        #expect(try error { $0.privateKey = $0.certificateChain }?.part == .privateKey)
    }

    @Test func `one that breaks off after the first`() throws {
        let half = try bytes(Self.good.get().certificate).dropLast(40)
        let error = try error { $0.certificateChain += half }
        #expect(error?.part == .certificate)
        #expect(error?.description.hasPrefix("after 1 of them, not a certificate") == true)
    }

    @Test func `another's key`() throws {
        let other = try Self.authority.get().issue("/CN=other")
        let error = try error { $0.privateKey = try bytes(other.key) }
        #expect(error?.part == .privateKey)
        #expect(error?.description == "not the certificate's private key: key values mismatch")
    }

    @Test func `a key with a password`() throws {
        let good = try Self.good.get()
        let output = try ChildProcess.run("openssl", ["pkcs8", "-topk8", "-in", good.key, "-passout", "pass:hunter2"])
        let error = try error { $0.privateKey = Array(output.standardOutput.utf8) }
        #expect(error?.part == .privateKey)
    }

    @Test func `a key that is too weak`() throws {
        let authority = try CertificateAuthority(rsa: 2048)
        let weak = try authority.issue("/CN=server", rsa: 1024)
        defer { withExtendedLifetime(authority) {} }
        let error = try error {
            $0.certificateChain = try bytes(weak.certificate)
            $0.privateKey = try bytes(weak.key)
        }
        #expect(error?.description == "certificate 1 cannot be used: ee key too small")
    }
}
