import TestSupport
import Testing
import Transport

/// What a client shows, and what the handler must then see or the client be told.
struct ClientCertificateRow: CustomTestStringConvertible, Sendable {
    enum Shown: String, Sendable {
        case none, good, other, revoked, serverOnly
    }

    var shown: Shown
    var isRequired: Bool
    var version: String
    var outcome: String

    static let all = ["TLSv1.2", "TLSv1.3"].flatMap { version in
        [false, true].flatMap { isRequired in
            [
                Self(
                    shown: .none, isRequired: isRequired, version: version,
                    outcome: !isRequired
                        ? "none"
                        : version == "TLSv1.2" ? "SSLV3_ALERT_HANDSHAKE_FAILURE" : "TLSV13_ALERT_CERTIFICATE_REQUIRED"),
                Self(
                    shown: .good, isRequired: isRequired, version: version,
                    outcome: "CN=worker\\, 7,O=Example [worker-7.example] [spiffe://example/worker-7]"),
                Self(shown: .other, isRequired: isRequired, version: version, outcome: "TLSV1_ALERT_UNKNOWN_CA"),
                Self(
                    shown: .revoked, isRequired: isRequired, version: version,
                    outcome: "SSLV3_ALERT_CERTIFICATE_REVOKED"),
                Self(
                    shown: .serverOnly, isRequired: isRequired, version: version,
                    outcome: "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"),
            ]
        }
    }

    var testDescription: String { "\(shown), \(isRequired ? "required" : "optional"), \(version) -> \(outcome)" }
}

@Suite(.timeLimit(.minutes(10)))
struct ClientCertificateTests {
    private struct Clients: Sendable {
        static let shared = Result { try Clients() }

        let pairs: [ClientCertificateRow.Shown: CertificateAuthority.Pair]
        let revocationList: String
        /// Its files go with it.
        private let otherAuthority: CertificateAuthority

        private init() throws {
            let authority = try TLSFixture.shared.get().authority
            otherAuthority = try CertificateAuthority()
            let revoked = try authority.issue("/CN=revoked")
            pairs = [
                .good: try authority.issue(
                    "/O=Example/CN=worker, 7", names: "DNS:worker-7.example,URI:spiffe://example/worker-7,email:a@b"),
                .other: try otherAuthority.issue("/CN=worker"),
                .revoked: revoked,
                .serverOnly: try authority.issue("/CN=worker", usage: "serverAuth"),
            ]
            revocationList = try authority.revocationList(revoking: [revoked.certificate])
        }
    }

    private func clients(isRequired: Bool, isRevoking: Bool = true) throws -> TLSConfiguration.ClientAuthentication {
        TLSConfiguration.ClientAuthentication(
            authorities: try TLSFixture.bytes(TLSFixture.shared.get().authority.authority.certificate),
            revocationLists: isRevoking ? try TLSFixture.bytes(Clients.shared.get().revocationList) : nil,
            isRequired: isRequired)
    }

    @Test(arguments: ClientCertificateRow.all)
    func `a certificate is good, or there is no connection`(row: ClientCertificateRow) async throws {
        let pair = try Clients.shared.get().pairs[row.shown]
        let context = try TLSFixture.shared.get().context(clients: clients(isRequired: row.isRequired))
        try await withTLSServer(context: context) { server, fixture in
            let printed = try fixture.client(
                server,
                """
                print(attempt(context(arguments[0], certificate=arguments[1:]), b'/certificate'))
                """, [row.version] + (pair.map { [$0.certificate, $0.key] } ?? []))
            #expect(printed == row.outcome + "\n")
        }
    }

    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `a resumed session brings its certificate, but not past a change of whom to believe`(_ version: String)
        async throws
    {
        let good = try #require(try Clients.shared.get().pairs[.good])
        let fixture = try TLSFixture.shared.get()
        let keys = TicketKeys()
        let configuration = TLSConfiguration(
            certificateChain: try TLSFixture.bytes(fixture.server.certificate),
            privateKey: try TLSFixture.bytes(fixture.server.key),
            clientAuthentication: try clients(isRequired: true, isRevoking: false))
        var changed = configuration
        changed.clientAuthentication = try clients(isRequired: true, isRevoking: true)
        let before = try TLSContext(configuration, ticketKeys: keys)
        let after = try TLSContext(changed, ticketKeys: keys)
        try await withServer(tls: before) { server in
            let client = Task {
                try await blocking {
                    try fixture.client(
                        server,
                        """
                        made, session = context(arguments[0], certificate=arguments[1:]), None
                        for path in [b'/a', b'/held', b'/certificate', b'/certificate']:
                            with tls(made, session) as stream:
                                print(stream.session_reused, call(stream, path).decode()[:9])
                                session = stream.session
                        """, [version, good.certificate, good.key])
                }
            }
            try await server.events(until: .began("/held"))
            await server.use(after)
            await server.release()
            let printed = try await client.value
            #expect(printed == "False POST /a \nTrue POST /hel\nFalse CN=worker\nTrue CN=worker\n")
        }
    }
}
