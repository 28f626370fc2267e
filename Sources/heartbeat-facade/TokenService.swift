import Authentication
import EventLoop
import Logging
import Telemetry

/// The verification of JSON Web Tokens, with its metrics and its lines in the log.
struct TokenService: Sendable {
    let verifier: TokenVerifier
    let registry: Registry

    init(_ settings: TokenSettings, on loop: EventLoop, _ logger: Logger) {
        var registry = Registry()
        let failures = registry.counter(
            "heartbeat_jwks_failures_total", help: "Attempts to get an issuer's public keys that failed.")
        let verifier = TokenVerifier(settings, on: loop) { event in
            if case .failed = event { failures.increment() }
            Self.log(event, logger)
        }
        registry.gauge("heartbeat_jwks_keys", help: "Public keys at hand that tokens may be signed with.") {
            Double(verifier.statuses.map(\.keyCount).reduce(0, +))
        }
        self.registry = registry
        self.verifier = verifier
    }

    /// For information: what is remembered goes on without the provider, and so do callers with API keys.
    var readinessCheck: ReadinessCheck {
        ReadinessCheck(name: "jwt_keys", isNeeded: { false }) { [verifier] in
            let faults = verifier.statuses.compactMap { status in
                status.fault.map { "\(status.issuer): \($0)" }
                    ?? (status.keyCount == 0 ? "\(status.issuer): there are no keys" : nil)
            }
            return faults.isEmpty ? nil : faults.joined(separator: "; ")
        }
    }

    private static func log(_ event: KeySetEvent, _ logger: Logger) {
        switch event {
        case .changed(let issuer, let count, let skipped):
            var metadata: Logger.Metadata = ["issuer": "\(issuer)", "keys": "\(count)"]
            if !skipped.isEmpty { metadata["left_out"] = "\(skipped.joined(separator: "; "))" }
            if count == 0 {
                logger.warning("the issuer's set has no key that tokens may be signed with", metadata: metadata)
            } else {
                logger.info("got the issuer's public keys", metadata: metadata)
            }
        case .failed(let issuer, let fault, true, let hasKeys):
            logger.warning(
                hasKeys
                    ? "could not get the issuer's public keys again: those at hand stay in use"
                    : "could not get the issuer's public keys: its tokens are refused",
                metadata: ["issuer": "\(issuer)", "reason": "\(fault)"])
        case .failed: break
        }
    }
}
