import EventLoop
import FlowControl
import HTTP
import HTTPServer
import Heartbeat
import Relaying
import SigningClient
import Spool
import Telemetry
import Transport

/// The metrics of one loop.
struct LoopMetrics: Sendable {
    private static let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    let registry: Registry
    private let requests: [ErrorCode?: Counter]
    /// One of `requests`, and nearly always the one that counts: not to be looked up each time.
    private let recorded: Counter
    private let readings: [ErrorCode?: Counter]
    let requestDuration: Histogram
    private let failedAttempts: [String: Counter]
    private let goodAttempts: Counter
    let upstreamDuration: Histogram
    let idleUpstreamConnections: Gauge
    let activeUpstreamConnections: Gauge
    let auditRows: Counter
    let spooledRows: Counter
    let summarisedRefusals: Counter
    let auditPendingRows: Gauge
    let auditCommitDuration: Histogram
    let idleConnections: Gauge
    let activeConnections: Gauge
    private let refusals: [Admission.Refusal: Counter]
    private let shed: [OverloadRule.Reason: Counter]
    let joinedBeats: Counter
    let lastKnownBeats: Counter
    let flushes: Counter
    let failedFlushes: Counter
    private let refusedCalls: [AdmissionControl.Refusal.Reason: Counter]

    init() {
        var registry = Registry()
        var (requests, readings): ([ErrorCode?: Counter], [ErrorCode?: Counter]) = ([:], [:])
        func addCounters(_ code: ErrorCode?) -> Counter {
            let counter = registry.counter(
                "heartbeat_requests_total", help: "Heartbeats answered, by outcome.",
                labels: ["code": code?.rawValue ?? "recorded", "status": "\(code?.status ?? 200)"])
            requests[code] = counter
            readings[code] = registry.counter(
                "heartbeat_reads_total", help: "Requests for what the audit table has of a task, by outcome.",
                labels: ["code": code?.rawValue ?? "read", "status": "\(code?.status ?? 200)"])
            return counter
        }
        recorded = addCounters(nil)
        for code in ErrorCode.allCases { _ = addCounters(code) }
        self.requests = requests
        self.readings = readings
        requestDuration = registry.histogram(
            "heartbeat_request_duration_seconds", help: "From the end of a request's head to its answer.",
            buckets: Self.buckets)
        var attempts: [String: Counter] = [:]
        func attemptCounter(_ result: String) -> Counter {
            registry.counter(
                "heartbeat_upstream_attempts_total", help: "Attempts to send a call to SWF, by what came back.",
                labels: ["result": result])
        }
        goodAttempts = attemptCounter("ok")
        for result in ["fault", "malformed", "unreachable", "timeout"] { attempts[result] = attemptCounter(result) }
        failedAttempts = attempts
        upstreamDuration = registry.histogram(
            "heartbeat_upstream_duration_seconds",
            help: "From sending a call to SWF to its answer, each attempt by itself.",
            buckets: Self.buckets)
        let upstream = "Connections to SWF, by whether a call is under way on them."
        idleUpstreamConnections = registry.gauge(
            "heartbeat_upstream_connections", help: upstream, labels: ["state": "idle"])
        activeUpstreamConnections = registry.gauge(
            "heartbeat_upstream_connections", help: upstream, labels: ["state": "active"])
        let auditRows = "Audit rows made durable, by where."
        self.auditRows = registry.counter(
            "heartbeat_audit_rows_total", help: auditRows, labels: ["sink": "postgresql"])
        spooledRows = registry.counter("heartbeat_audit_rows_total", help: auditRows, labels: ["sink": "spool"])
        summarisedRefusals = registry.counter(
            "heartbeat_audit_summarised_refusals_total",
            help: "Calls of nobody known that were refused and are in the audit table as a number only.")
        auditPendingRows = registry.gauge("heartbeat_audit_pending_rows", help: "Audit rows that wait to be durable.")
        auditCommitDuration = registry.histogram(
            "heartbeat_audit_commit_duration_seconds", help: "One statement of audit rows, until its commit is known.",
            buckets: Self.buckets)
        let connections = "Connections to the API, by whether a request is being served on them."
        idleConnections = registry.gauge("heartbeat_connections", help: connections, labels: ["state": "idle"])
        activeConnections = registry.gauge("heartbeat_connections", help: connections, labels: ["state": "active"])
        var refusals: [Admission.Refusal: Counter] = [:]
        for refusal in Admission.Refusal.allCases {
            refusals[refusal] = registry.counter(
                "heartbeat_connections_refused_total", help: "Connections closed before anything of them was served.",
                labels: ["reason": refusal.label])
        }
        self.refusals = refusals
        var shed: [OverloadRule.Reason: Counter] = [:]
        for reason in OverloadRule.Reason.allCases {
            shed[reason] = registry.counter(
                "heartbeat_requests_shed_total",
                help: "Requests refused before anything was done about them, by what there was too much of.",
                labels: ["reason": reason.label])
        }
        self.shed = shed
        let coalesced =
            "Heartbeats answered without a call of their own: by one that they shared, or from the last known status."
        joinedBeats = registry.counter("heartbeat_coalesced_total", help: coalesced, labels: ["by": "call"])
        lastKnownBeats = registry.counter(
            "heartbeat_coalesced_total", help: coalesced, labels: ["by": "last_known_status"])
        let flushes = "Heartbeats sent to SWF after they were answered, by whether SWF recorded them."
        self.flushes = registry.counter("heartbeat_flushes_total", help: flushes, labels: ["result": "ok"])
        failedFlushes = registry.counter("heartbeat_flushes_total", help: flushes, labels: ["result": "failed"])
        var refusedCalls: [AdmissionControl.Refusal.Reason: Counter] = [:]
        for reason in AdmissionControl.Refusal.Reason.allCases {
            refusedCalls[reason] = registry.counter(
                "heartbeat_upstream_refused_total",
                help: "Calls that were not sent to SWF, by what stood in their way.",
                labels: ["reason": reason.label])
        }
        self.refusedCalls = refusedCalls
        self.registry = registry
    }

    func countRefusal(_ refusal: Admission.Refusal) {
        refusals[refusal]?.increment()
    }

    func countShed(_ reason: OverloadRule.Reason) {
        shed[reason]?.increment()
    }

    func countRefusedCall(_ reason: AdmissionControl.Refusal.Reason) {
        refusedCalls[reason]?.increment()
    }

    /// - Parameter code: nil for a heartbeat that was recorded.
    func countRequest(_ code: ErrorCode?) {
        guard let code else { return recorded.increment() }
        requests[code]?.increment()
    }

    /// Heartbeats answered so far, by outcome; nil: recorded.
    var outcomes: [ErrorCode?: Int] {
        requests.compactMapValues { $0.value > 0 ? $0.value : nil }
    }

    /// - Parameter code: nil for one that was answered with what was asked for.
    func countReading(_ code: ErrorCode?) {
        readings[code]?.increment()
    }

    func countAttempt(_ attempt: AttemptReport) {
        upstreamDuration.observe(attempt.duration)
        guard let failure = attempt.failure else { return goodAttempts.increment() }
        let result =
            switch failure {
            case .fault: "fault"
            case .malformed, .answerTooLarge: "malformed"
            case .unreachable, .untrusted, .credentialsUnavailable: "unreachable"
            case .timeout: "timeout"
            }
        failedAttempts[result]?.increment()
    }
}

/// The spool's, where there is one.
struct SpoolMetrics: Sendable {
    let registry: Registry
    let replayedRows: Counter

    init(_ status: SpoolStatus, limitBytes: Int) {
        var registry = Registry()
        replayedRows = registry.counter(
            "heartbeat_spool_replayed_rows_total", help: "Audit rows brought from the spool to PostgreSQL.")
        registry.gauge("heartbeat_spool_rows", help: "Audit rows in the spool, and not in PostgreSQL yet.") {
            Double(status.snapshot.records)
        }
        registry.gauge("heartbeat_spool_bytes", help: "Bytes that the spool has on disk.") {
            Double(status.snapshot.bytes)
        }
        registry.gauge("heartbeat_spool_limit_bytes", help: "Bytes that it may have there.") { Double(limitBytes) }
        registry.gauge("heartbeat_spool_corrupt_segments", help: "Files of the spool that are, or will be, set aside.")
        {
            Double(status.snapshot.corruptSegments)
        }
        self.registry = registry
    }
}

/// What is true of the whole process, for one registry only.
struct ProcessMetrics: Sendable {
    let registry: Registry
    let defaultPartitionRows: Gauge

    init(_ shared: SharedState) {
        var registry = Registry()
        defaultPartitionRows = registry.gauge(
            "heartbeat_audit_default_partition_rows",
            help: "Audit rows whose day had no partition when they came, up to a million, as of the last hourly look.")
        registry.gauge(
            "heartbeat_build_info", help: "Always 1; the version is in its label.",
            labels: ["version": Release.version]
        ) { 1 }
        registry.gauge(
            "heartbeat_credentials_expiry_seconds",
            help: "Until the AWS credentials at hand expire; no sample where there are none or they hold for ever."
        ) {
            shared.credentials.status.expiration.map { Double($0) - Double(wallClockMicroseconds()) / 1e6 }
        }
        registry.gauge(
            "heartbeat_tls_certificate_expiry_seconds",
            help: "Until the first certificate of the API's own chain expires; no sample without TLS."
        ) {
            (shared.configuration.tls?.context.expiration).map { Double($0) - Double(wallClockMicroseconds()) / 1e6 }
        }
        registry.gauge(
            "heartbeat_clock_skew_seconds",
            help: "How far SWF's clock is ahead of this one, from its last answer's Date, in whole seconds."
        ) {
            shared.upstream.clock.measured.map(Double.init)
        }
        registry.gauge("heartbeat_upstream_queue", help: "Calls that wait until they may be sent to SWF.") {
            Double(shared.relays.snapshot.queued)
        }
        registry.gauge(
            "heartbeat_upstream_rate",
            help: "Calls a second that may be sent to SWF now; no sample where they are not limited."
        ) { shared.relays.snapshot.rate }
        registry.gauge(
            "heartbeat_upstream_circuit",
            help: "Whether SWF is left alone after many failures: 0 no, 1 it is being tried again, 2 yes."
        ) { shared.relays.snapshot.circuit.number }
        registry.gauge(
            "heartbeat_tasks", help: "Tasks that have a call under way, or whose last status is remembered."
        ) { Double(shared.relays.snapshot.tasks) }
        self.registry = registry
    }
}

extension Admission.Refusal {
    fileprivate var label: String {
        switch self {
        case .clientLimit: "client_limit"
        case .untrustedPeer: "untrusted_peer"
        case .proxyHeader: "proxy_header"
        }
    }
}

extension OverloadRule.Reason {
    var label: String {
        switch self {
        case .delay: "delay"
        case .requests: "requests"
        case .backlog: "audit"
        }
    }
}

extension AdmissionControl.Refusal.Reason {
    fileprivate var label: String {
        switch self {
        case .rate: "rate"
        case .load: "load"
        case .circuit: "circuit"
        }
    }
}

extension CircuitBreaker.State {
    fileprivate var number: Double {
        switch self {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}
