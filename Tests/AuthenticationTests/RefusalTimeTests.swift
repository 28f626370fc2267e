import EventLoop
import Foundation
import HTTP
import Testing

@testable import Authentication

/// How long a refusal takes tells nobody what is wrong with a key, once its checksum is right.
///
/// What is compared is CPU time, of kinds that take turns, by the lower quartiles: what else the machine does only ever
/// adds. By chance they differ by 0.01 and 0.02; a hash left out for an identifier that nobody has makes that 0.12, and
/// a look-up that ends without a comparison where it finds nothing 0.5.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct RefusalTimeTests {
    private static let keysPerKind = 64
    private static let rounds = 80
    private static let triesMax = 10

    @Test func `a request with a key takes the same work, whatever is wrong with the key`() throws {
        let kinds = try KeyKinds(Self.keysPerKind)
        let authenticator = CallerAuthenticator(staticKeys: try StaticKeys(""), keys: kinds.directory)
        let requests = kinds.keys.map { keys in
            keys.map { Request.with([("Authorization", "Bearer \($0.secret)")]) }
        }
        try Self.expectSameWork(within: 0.05) { kind in
            for request in requests[kind] where try await authenticator.caller(of: request) != nil {
                Issue.record("a key is good: \(KeyKinds.names[kind])")
            }
        }
    }

    @Test func `the look-up alone takes the same work too`() throws {
        let kinds = try KeyKinds(Self.keysPerKind)
        let fingerprints = kinds.keys.map { keys in keys.map(\.fingerprint) }
        try Self.expectSameWork(within: 0.15) { kind in
            for key in fingerprints[kind] { _ = try kinds.directory.caller(of: key, at: nil) }
        }
    }

    private static func expectSameWork(
        within bound: Double, _ work: @escaping @Sendable (_ kind: Int) async throws -> Void
    ) throws {
        var spread = Double.infinity
        for _ in 0..<triesMax where spread > bound {
            spread = min(spread, try Self.spread(work))
        }
        #expect(spread <= bound, "the dearest kind costs \(spread) more than the cheapest")
    }

    /// How much more the dearest kind takes than the cheapest: 0.1 is a tenth.
    private static func spread(_ work: @escaping @Sendable (_ kind: Int) async throws -> Void) throws -> Double {
        let samples = try EventLoop.run { _ in
            var samples: [[Int64]] = Array(repeating: [], count: KeyKinds.names.count)
            for round in 0..<rounds {
                for turn in samples.indices {
                    let kind = (turn + round) % samples.count
                    let start = threadTime()
                    try await work(kind)
                    samples[kind].append(threadTime() - start)
                }
            }
            return samples
        }
        let times = samples.map { $0.sorted()[rounds / 4] }
        return Double(times.max() ?? 0) / Double(times.min() ?? 0) - 1
    }
}

private func threadTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Keys that are refused, by what is wrong with them.
private struct KeyKinds: Sendable {
    static let names = ["unknown", "other secret", "expired", "revoked"]
    let directory = KeyDirectory { 2_000_000_000 }
    let keys: [[APIKey]]

    init(_ count: Int) throws {
        let kinds = try Self.names.map { _ in try (0..<count).map { _ in try APIKey.generate() } }
        let others = try (0..<100).map { _ in StoredKey.of(try APIKey.generate()) }
        directory.publish(
            KeySnapshot(
                others + kinds[1].map { .of($0) } + kinds[2].map { .of($0, expiresAt: 1_000_000_000) }
                    + kinds[3].map { .of($0, revokedAt: 1_000_000_000) }))
        keys = try kinds.enumerated().map { kind, keys in kind == 1 ? try keys.map(twin) : keys }
    }
}

/// The same identifier, another secret, a right checksum.
private func twin(of key: APIKey) throws -> APIKey {
    var characters = Array(key.secret.utf8.dropLast(6))
    characters[20] = characters[20] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
    let text = String(decoding: characters + Base62.encode(crc32(characters.span), count: 6), as: UTF8.self)
    return try #require(APIKey(text))
}
