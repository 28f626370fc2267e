import Heartbeat
import HTTP
import Testing

@testable import Authentication

/// A key and its twin: the same identifier, another secret, a right checksum.
private func twins() throws -> (APIKey, APIKey) {
    let key = try APIKey.generate()
    var characters = Array(key.secret.utf8.dropLast(6))
    characters[20] = characters[20] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
    let text = String(decoding: characters + Base62.encode(crc32(characters.span), count: 6), as: UTF8.self)
    return (key, try #require(APIKey(text)))
}

private func request(_ key: APIKey, from address: String? = nil) -> Request {
    .with([("Authorization", "Bearer \(key.secret)")], from: address)
}

struct KeyDirectoryTests {
    private let clock = ManualClock(1_000_000_000)
    private let directory: KeyDirectory
    private let authenticator: CallerAuthenticator

    init() {
        directory = KeyDirectory { [clock] in clock.now }
        authenticator = CallerAuthenticator(staticKeys: .none, keys: directory)
    }

    @Test func `a key of the table is its caller's, with its scopes`() async throws {
        let key = try APIKey.generate()
        await #expect(throws: CallersUnavailable.self) { try await authenticator.caller(of: request(key)) }
        #expect(!authenticator.mayAdmit(request(key), for: .heartbeat))
        #expect(!directory.status.isKnown)
        directory.publish(KeySnapshot([.of(key, name: "batch", scopes: "admin,audit")]))
        let caller = try await authenticator.caller(of: request(key))
        #expect(caller == Caller(name: "batch", authentication: .apiKey, scopes: [.admin, .audit]))
        #expect(directory.status == .init(keys: 1, isKnown: true, fault: nil))
    }

    @Test func `what is bad whatever the table has is refused before it is known`() async throws {
        let key = try APIKey.generate()
        let fixed = try APIKey.generate()
        let both = CallerAuthenticator(staticKeys: try StaticKeys("fixed:\(fixed.sha256Hex)"), keys: directory)
        #expect(try await both.caller(of: request(fixed))?.name == "fixed")
        for credentials in ["\(key.secret.dropLast())_", "hbf_", "a.b.c", "secret"] {
            #expect(try await both.caller(of: .with([("Authorization", "Bearer \(credentials)")])) == nil)
        }
        #expect(try await both.caller(of: .with([])) == nil)
    }

    @Test func `a table that is not for this service has no keys, and one that is away may`() async throws {
        let key = try APIKey.generate()
        _ = directory.note(fault: "away")
        await #expect(throws: CallersUnavailable.self) { try await authenticator.caller(of: request(key)) }
        _ = directory.note(fault: "not for you", isWithheld: true)
        #expect(try await authenticator.caller(of: request(key)) == nil)
        _ = directory.note(fault: "away")
        #expect(try await authenticator.caller(of: request(key)) == nil)
    }

    @Test func `the right identifier with another secret is nobody's`() async throws {
        let (key, twin) = try twins()
        #expect(key.identifier == twin.identifier)
        directory.publish(KeySnapshot([.of(key)]))
        #expect(try await authenticator.caller(of: request(key)) != nil)
        #expect(try await authenticator.caller(of: request(twin)) == nil)
        #expect(!authenticator.mayAdmit(request(twin), for: .heartbeat))
    }

    @Test func `an expired key is refused by the clock alone, a revoked one whatever the clock says`() async throws {
        let keys = try (0..<2).map { _ in try APIKey.generate() }
        directory.publish(
            KeySnapshot([.of(keys[0], expiresAt: 1_000_000_500), .of(keys[1], revokedAt: 2_000_000_000)]))
        #expect(try await authenticator.caller(of: request(keys[0])) != nil)
        #expect(try await authenticator.caller(of: request(keys[1])) == nil)
        clock.set(1_000_000_499)
        #expect(try await authenticator.caller(of: request(keys[0])) != nil)
        clock.set(1_000_000_500)
        #expect(try await authenticator.caller(of: request(keys[0])) == nil)
    }

    @Test(
        arguments: [
            ("10.1.2.3", false), ("11.1.2.3", true), ("::ffff:10.1.2.3", false), ("192.0.2.1", false),
            ("192.0.2.2", true), ("2001:db8::1", false), ("2001:db9::1", true), ("fe80::1%eth0", false),
            (nil, true), ("nonsense", true),
        ] as [(String?, Bool)])
    func `where a key may be used from`(address: String?, isOutside: Bool) async throws {
        let key = try APIKey.generate()
        directory.publish(KeySnapshot([.of(key, networks: "10.0.0.0/8,192.0.2.1,2001:db8::/32,fe80::/10")]))
        let request = request(key, from: address)
        let caller = try #require(try await authenticator.caller(of: request))
        #expect(caller.isOutsideNetworks == isOutside)
        #expect(authenticator.mayAdmit(request, for: .heartbeat) == !isOutside)
    }

    @Test func `a key without networks may be used from anywhere`() throws {
        let key = StoredKey.of(try APIKey.generate())
        for address in ["10.1.2.3", "::1", nil] { #expect(key.isAllowed(at: address)) }
    }

    @Test func `static keys and those of the table live side by side`() async throws {
        let keys = try (0..<2).map { _ in try APIKey.generate() }
        directory.publish(KeySnapshot([.of(keys[1], name: "stored")]))
        let both = CallerAuthenticator(staticKeys: try StaticKeys("fixed:\(keys[0].sha256Hex)"), keys: directory)
        #expect(try await both.caller(of: request(keys[0]))?.name == "fixed")
        #expect(try await both.caller(of: request(keys[1]))?.name == "stored")
    }

    @Test func `uses are noted, and outlive a change of the keys`() async throws {
        let keys = try (0..<2).map { _ in try APIKey.generate() }
        let first = KeySnapshot(keys.map { .of($0) })
        directory.publish(first)
        #expect(first.uses.isEmpty)
        _ = try await authenticator.caller(of: request(keys[0]))
        #expect(first.uses.map(\.id) == [keys[0].identifier])
        #expect(first.uses.map(\.usedAt) == [1_000_000_000])
        let second = KeySnapshot([.of(keys[0], name: "renamed")], after: first)
        directory.publish(second)
        #expect(second.uses.map(\.usedAt) == [1_000_000_000])
        clock.set(1_002_000_000)
        _ = try await authenticator.caller(of: request(keys[0]))
        #expect(second.uses.map(\.usedAt) == [1_002_000_000])
    }

    @Test func `a refused use is none`() async throws {
        let (key, twin) = try twins()
        let snapshot = KeySnapshot([.of(key)])
        directory.publish(snapshot)
        _ = try await authenticator.caller(of: request(twin))
        #expect(snapshot.uses.isEmpty)
    }
}
