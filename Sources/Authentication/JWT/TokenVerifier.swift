package import EventLoop
package import Heartbeat
internal import Synchronization

/// Knows callers by JSON Web Tokens (RFC 7519, RFC 8725). One for all loops.
package final class TokenVerifier: Sendable {
    private let rules: TokenRules
    private let issuers: [Issuer]
    private let now: @Sendable () -> Double
    private let remembered = Mutex(RememberedTokens())

    private struct Issuer: Sendable {
        let name: String
        let algorithms: Set<SignatureAlgorithm>
        let keys: KeySetKeeper
    }

    /// - Parameters:
    ///   - loop: where keys are fetched.
    ///   - now: seconds since 1970.
    ///   - noted: is told what becomes of the issuers' keys, on that loop.
    package convenience init(
        _ settings: TokenSettings, on loop: EventLoop,
        now: @escaping @Sendable () -> Double = { Double(wallClockMicroseconds()) / 1e6 },
        noted: @escaping @Sendable (KeySetEvent) -> Void
    ) {
        let keepers = settings.issuers.map { issuer in
            (KeySetKeeper(issuer.name, issuer.keys.source(on: loop), on: loop, noted: noted), issuer.algorithms)
        }
        self.init(settings.rules, keepers, now: now)
    }

    init(
        _ rules: TokenRules, _ keepers: [(KeySetKeeper, Set<SignatureAlgorithm>)],
        now: @escaping @Sendable () -> Double
    ) {
        self.rules = rules
        self.now = now
        issuers = keepers.map { Issuer(name: $0.issuer, algorithms: $1, keys: $0) }
    }

    /// How it stands with the keys of each issuer.
    package var statuses: [KeySetStatus] { issuers.map(\.keys.status) }

    package func start() async {
        for issuer in issuers { await issuer.keys.start() }
    }

    package func stop() async {
        for issuer in issuers { await issuer.keys.stop() }
    }

    /// The caller of a token that was verified before and still holds; nil tells nothing of any other.
    package func rememberedCaller(of token: ArraySlice<UInt8>) -> Caller? {
        token.count <= CompactJWS.bytesMax ? find(RememberedTokens.Key(of: token)) : nil
    }

    /// - Parameter deadline: keys that the token needs are waited for until then, and `KeySetKeeper.waitMax` at most.
    /// - Returns: nil where the token is bad, whatever it is that is wrong with it.
    package func caller(
        of token: ArraySlice<UInt8>, deadline: @autoclosure () -> ContinuousClock.Instant
    ) async -> Caller? {
        guard token.count <= CompactJWS.bytesMax else { return nil }
        let key = RememberedTokens.Key(of: token)
        if let caller = find(key) { return caller }
        guard let token = CompactJWS(token), let name = token.claims.string("iss"),
            let number = issuers.firstIndex(where: { $0.name.isSame(as: name) }),
            issuers[number].algorithms.contains(token.header.algorithm),
            // Before the keys: a token that is refused anyway must not have them fetched.
            let (caller, expiration) = rules.judge(token, now: now())
        else { return nil }
        let keys = issuers[number].keys
        if keys.current?.knowsKey(of: token.header) != true { await keys.refresh(deadline: deadline()) }
        guard let signer = keys.current?.signer(of: token) else { return nil }
        let entry = RememberedTokens.Entry(
            caller: caller, expiration: expiration, issuer: number, signer: signer.fingerprint)
        remembered.withLock { $0.insert(entry, for: key) }
        return caller
    }

    private func find(_ key: RememberedTokens.Key) -> Caller? {
        guard let entry = remembered.withLock({ $0.find(key) }), now() < entry.expiration,
            issuers[entry.issuer].keys.current?.has(entry.signer) == true
        else { return nil }
        return entry.caller
    }
}
