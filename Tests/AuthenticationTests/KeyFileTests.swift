import Heartbeat
import Testing

@testable import Authentication

struct KeyFileTests {
    private func sample() throws -> [StoredKey] {
        let keys = try (0..<3).map { _ in try APIKey.generate() }
        return [
            .of(keys[0]),
            .of(
                keys[1], name: "!~,/@\"{", expiresAt: 5_000_000, revokedAt: 4_000_000, scopes: "heartbeat,audit,admin",
                rateLimit: "10/s:50", networks: "10.0.0.0/8,::1"),
            .of(keys[2], scopes: ""),
        ]
    }

    @Test func `what is written is read again`() throws {
        let keys = try sample()
        #expect(try KeyFile.decode(KeyFile.encode(keys)) == keys)
        #expect(try KeyFile.decode(KeyFile.encode([])) == [])
    }

    @Test func `a change of any byte, and any end before the end, is found`() throws {
        let bytes = KeyFile.encode(try sample())
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: KeyFile.Fault.self) { try KeyFile.decode(changed) }
            #expect(throws: KeyFile.Fault.self) { try KeyFile.decode(Array(bytes[..<index])) }
        }
        #expect(throws: KeyFile.Fault.self) { try KeyFile.decode(bytes + [0x0a]) }
    }

    @Test func `it holds no secret`() throws {
        let key = try APIKey.generate()
        let text = String(decoding: KeyFile.encode([.of(key)]), as: UTF8.self)
        #expect(text.contains(key.sha256Hex))
        #expect(!text.contains(key.secret.dropFirst(12).prefix(30)))
    }

    @Test(
        arguments: [
            (0, "0a1B-c3D"), (0, nil), (1, nil), (2, "ab"), (2, String(repeating: "g", count: 64)), (3, nil), (3, "x"),
            (4, "soon"), (5, "x"), (8, "10.0.0.1/8"), (8, "10.0.0.0/8,x"),
        ] as [(Int, String?)])
    func `fields that are no key's`(index: Int, value: String?) throws {
        var fields = try sample()[1].fields
        #expect(StoredKey(fields) != nil)
        fields[index] = value
        #expect(StoredKey(fields) == nil)
    }

    @Test func `a scope of a later version is left out`() throws {
        #expect(StoredKey.of(try APIKey.generate(), scopes: "future,audit").scopes == [.audit])
    }
}
