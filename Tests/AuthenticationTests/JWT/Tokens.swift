import EventLoop
import Foundation
import Heartbeat
import Synchronization
import TestSupport

@testable import Authentication

/// What another implementation makes of tokens: genuine ones, forged ones, and keys.
struct Tokens: Decodable {
    struct Token: Decodable {
        var name: String
        var token: String
    }

    struct BadKey: Decodable {
        var name: String
        /// The bad one, and behind it a good one.
        var keys: String
        var token: String
    }

    struct Scoped: Decodable {
        var name: String
        var token: String
        /// What it has of `beat`, `audit` and `admin`, with spaces between them.
        var wanted: String
    }

    struct Turn: Decodable {
        var keys: String
        var token: String
    }

    var keys: String
    var genuine: [Token]
    var attacks: [Token]
    var badKeys: [BadKey]
    var scopes: [Scoped]
    var series: [Turn]
    /// Its `sub` is no name, its `azp` is `client-1`.
    var callerClaim: String

    /// Seconds since 1970: when they are valid.
    static let now = 1_800_000_000.0
    static let issuer = "https://id.example/Key"
    static let audience = "heartbeats"
    static let rules = TokenRules(audiences: ["another", audience])

    static func made() throws -> Tokens { try result.get() }

    private static let result = Result {
        let program = "\(Locations.packageRoot)/Tests/AuthenticationTests/JWT/tokens.py"
        let text = try Python.run(
            String(contentsOfFile: program, encoding: .utf8), ["\(Int(now))", issuer, audience])
        return try JSONDecoder().decode(Tokens.self, from: Data(text.utf8))
    }
}

/// Keys as a test has them; each load gives what the script says of it, from 1 on.
final class ScriptedKeys: KeySetSource {
    typealias Script = @Sendable (_ load: Int) async throws(KeySetFault) -> (KeySet, lifetime: Duration)

    private let script: Script
    private let count = Mutex(0)

    init(_ script: @escaping Script) {
        self.script = script
    }

    convenience init(_ set: KeySet) {
        self.init { _ in (set, .seconds(3600)) }
    }

    var loads: Int { count.withLock { $0 } }

    func load(deadline: ContinuousClock.Instant) async throws(KeySetFault) -> (KeySet, lifetime: Duration) {
        let load = count.withLock {
            $0 += 1
            return $0
        }
        return try await script(load)
    }
}

extension KeySet {
    init(text: String) throws(KeySetFault) {
        try self.init(Array(text.utf8))
    }
}

extension KeySetKeeper {
    init(
        _ source: any KeySetSource, issuer: String = Tokens.issuer, on loop: EventLoop, time: ManualTime = ManualTime(),
        noted: @escaping @Sendable (KeySetEvent) -> Void = { _ in }
    ) {
        let (start, begin) = (ContinuousClock.now, time.now)
        self.init(issuer, source, on: loop, now: { start + .milliseconds(time.now - begin) }, noted: noted)
    }
}

extension TokenVerifier {
    convenience init(
        _ keepers: KeySetKeeper..., rules: TokenRules = Tokens.rules,
        algorithms: Set<SignatureAlgorithm> = Set(SignatureAlgorithm.allCases)
    ) {
        self.init(rules, keepers.map { ($0, algorithms) }, now: { Tokens.now })
    }

    /// Its caller's name.
    func name(_ token: String, within: Duration = .seconds(60)) async -> String? {
        await caller(of: Array(token.utf8)[...], deadline: .now + within)?.name
    }
}
