import Synchronization
import Telemetry

/// One dependency, as `/readyz` asks for it.
struct ReadinessCheck: Sendable {
    let name: String
    /// Whether heartbeats cannot be served without it now.
    var isNeeded: @Sendable () -> Bool = { true }
    /// nil: it is good; else what is wrong.
    let fault: @Sendable () -> String?
}

/// What the service stands on, and since when each part of it is as it is.
final class Readiness: Sendable {
    /// How often it is to be looked at: so exact is what is told.
    static let interval = Duration.seconds(1)

    struct State: Sendable, Equatable {
        let name: String
        /// nil: it is good.
        let fault: String?
        /// When it became good, or bad, whatever the fault was called since: microseconds since 1970.
        let since: Int64
    }

    let registry: Registry
    let checks: [ReadinessCheck]
    private let known: Mutex<[(isGood: Bool, since: Int64)?]>

    /// - Parameter checks: in the order in which they are shown.
    init(_ checks: [ReadinessCheck]) {
        self.checks = checks
        known = Mutex(checks.map { _ in nil })
        var registry = Registry()
        registry.gauge("heartbeat_ready", help: "Whether heartbeats can be served: 1, else 0.") {
            checks.allSatisfy { $0.fault() == nil || !$0.isNeeded() } ? 1 : 0
        }
        for check in checks {
            registry.gauge(
                "heartbeat_readiness_check", help: "Whether what heartbeats are served with is good: 1, else 0.",
                labels: ["check": check.name]
            ) { check.fault() == nil ? 1 : 0 }
        }
        self.registry = registry
    }

    /// - Parameter now: microseconds since 1970.
    func look(at now: Int64) -> (isReady: Bool, states: [State]) {
        let faults = checks.map { $0.fault() }
        let isReady = zip(checks, faults).allSatisfy { $1 == nil || !$0.isNeeded() }
        let states = known.withLock { known in
            faults.enumerated().map { index, fault in
                let isGood = fault == nil
                let since = known[index].flatMap { $0.isGood == isGood ? $0.since : nil } ?? now
                known[index] = (isGood, since)
                return State(name: checks[index].name, fault: fault, since: since)
            }
        }
        return (isReady, states)
    }
}
