import Authentication
import HTTP
import Heartbeat
import Testing

@Suite struct CallerAuthenticatorTests {
    static let ours = "hbf_0a1B2c3DABCDEFGHIJKLMNOPQRSTUVWXYZabcd13sZRO"

    struct Row: CustomTestStringConvertible {
        let name: String
        let fields: [(name: String, value: String)]
        var caller: String?

        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "a key", fields: [("Authorization", "Bearer \(ours)")], caller: "worker"),
        Row(name: "the field in another case", fields: [("AUTHORIZATION", "Bearer \(ours)")], caller: "worker"),
        Row(name: "the scheme in another case", fields: [("Authorization", "bEARER \(ours)")], caller: "worker"),
        Row(name: "several spaces", fields: [("Authorization", "Bearer    \(ours)")], caller: "worker"),
        Row(
            name: "among other fields", fields: [("Host", "x"), ("authorization", "Bearer \(ours)"), ("X-A", "y")],
            caller: "worker"),
        Row(name: "nothing", fields: []),
        Row(name: "no value", fields: [("Authorization", "")]),
        Row(name: "only the scheme", fields: [("Authorization", "Bearer")]),
        Row(name: "only the key", fields: [("Authorization", ours)]),
        Row(name: "another scheme", fields: [("Authorization", "Basic \(ours)")]),
        Row(name: "no space", fields: [("Authorization", "Bearer\(ours)")]),
        Row(name: "a tab", fields: [("Authorization", "Bearer\t\(ours)")]),
        Row(name: "something after the key", fields: [("Authorization", "Bearer \(ours) x")]),
        Row(name: "two keys in one field", fields: [("Authorization", "Bearer \(ours), Bearer \(ours)")]),
        Row(name: "no key at all", fields: [("Authorization", "Bearer secret")]),
        Row(name: "the key in another field", fields: [("Proxy-Authorization", "Bearer \(ours)")]),
        Row(name: "two fields", fields: [("Authorization", "Bearer \(ours)"), ("Authorization", "Bearer \(ours)")]),
        Row(name: "two fields, one empty", fields: [("authorization", ""), ("Authorization", "Bearer \(ours)")]),
    ]

    @Test(arguments: rows) func `requests`(row: Row) async throws {
        let key = try #require(APIKey(Self.ours))
        let others = try (0..<3).map { "other\($0):\(try APIKey.generate().sha256Hex)\n" }
        let lines = others[0] + others[1] + "worker:\(key.sha256Hex)\n" + others[2]
        let authenticator = CallerAuthenticator(staticKeys: try StaticKeys(lines))
        let caller = row.caller.map { Caller(name: $0, authentication: .apiKey) }
        #expect(try await authenticator.caller(of: .with(row.fields)) == caller)
        #expect(authenticator.mayAdmit(.with(row.fields), for: .heartbeat) == (caller != nil))
    }

    @Test func `each of several keys is its own caller, and a key that is not listed is nobody's`() async throws {
        let keys = try (0..<20).map { _ in try APIKey.generate() }
        let lines = keys.enumerated().map { "caller-\($0):\($1.sha256Hex)\n" }
        let authenticator = CallerAuthenticator(staticKeys: try StaticKeys(lines.joined()))
        for (number, key) in keys.enumerated() {
            let caller = try await authenticator.caller(of: .with([("Authorization", "Bearer \(key.secret)")]))
            #expect(caller == Caller(name: "caller-\(number)", authentication: .apiKey))
        }
        let stranger = try APIKey.generate()
        #expect(try await authenticator.caller(of: .with([("Authorization", "Bearer \(stranger.secret)")])) == nil)
    }

    @Test func `a caller has the scopes of its line`() async throws {
        let keys = try (0..<2).map { _ in try APIKey.generate() }
        let authenticator = CallerAuthenticator(
            staticKeys: try StaticKeys("a:\(keys[0].sha256Hex)\nb:\(keys[1].sha256Hex):audit,admin"))
        let requests = keys.map { Request.with([("Authorization", "Bearer \($0.secret)")]) }
        #expect(try await authenticator.caller(of: requests[0])?.scopes == [.heartbeat])
        #expect(try await authenticator.caller(of: requests[1])?.scopes == [.audit, .admin])
        #expect(authenticator.mayAdmit(requests[0], for: .heartbeat))
        #expect(!authenticator.mayAdmit(requests[0], for: .audit))
        #expect(authenticator.mayAdmit(requests[1], for: .heartbeat))
    }

    @Test func `where there is an Authorization field it decides alone, else the certificate does`() async throws {
        let key = try #require(APIKey(Self.ours))
        let map = try ClientMap("dns:a.example by-certificate heartbeat,audit\n")
        let authenticator = CallerAuthenticator(
            staticKeys: try StaticKeys("by-key:\(key.sha256Hex)"), clients: { map })
        let (known, unknown) = (
            ClientCertificate(subject: "CN=a", dnsNames: ["a.example"]), ClientCertificate(subject: "CN=b")
        )
        let byCertificate = Caller(
            name: "by-certificate", authentication: .clientCertificate, scopes: [.heartbeat, .audit])
        let byKey = Caller(name: "by-key", authentication: .apiKey)
        let good = (name: "Authorization", value: "Bearer \(Self.ours)")
        let rows: [([(name: String, value: String)], ClientCertificate?, Caller?)] = [
            ([], known, byCertificate), ([], unknown, nil), ([], nil, nil), ([good], known, byKey),
            ([good], unknown, byKey), ([("Authorization", "Bearer \(Self.ours)x")], known, nil),
            ([("authorization", "")], known, nil), ([("Authorization", "Basic eDp5")], known, nil),
            ([good, good], known, nil),
        ]
        for (fields, certificate, caller) in rows {
            let request = Request.with(fields, certificate: certificate)
            #expect(try await authenticator.caller(of: request) == caller, "\(fields) \(certificate?.subject ?? "")")
            #expect(authenticator.mayAdmit(request, for: .heartbeat) == (caller != nil))
            #expect(authenticator.mayAdmit(request, for: .audit) == (caller == byCertificate))
        }
        let withoutMap = CallerAuthenticator(staticKeys: .none)
        #expect(try await withoutMap.caller(of: .with([], certificate: known)) == nil)
    }

    @Test func `without keys nobody is known`() async throws {
        let authenticator = CallerAuthenticator(staticKeys: try StaticKeys(""))
        #expect(try await authenticator.caller(of: .with([("Authorization", "Bearer \(Self.ours)")])) == nil)
    }
}

extension Request {
    static func with(
        _ fields: [(name: String, value: String)], from address: String? = nil, certificate: ClientCertificate? = nil
    ) -> Request {
        var bytes: [UInt8] = []
        func append(_ text: String) -> Range<Int> {
            let begin = bytes.count
            bytes += text.utf8
            return begin..<bytes.count
        }
        let entries = fields.map { Fields.Entry(name: append($0.name), value: append($0.value)) }
        return Request(
            method: .post, path: Array("/".utf8), fields: Fields(bytes: bytes, entries: entries),
            clientAddress: address, clientCertificate: certificate)
    }
}
