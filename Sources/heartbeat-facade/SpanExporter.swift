import EventLoop
import Logging
import SigningClient
import Telemetry

/// Sends spans to a collector, on a loop of its own.
actor SpanExporter {
    /// As many as OpenTelemetry's own SDKs send at a time (OTEL_BSP_MAX_EXPORT_BATCH_SIZE).
    static let batchSpansMax = 512
    /// How long spans wait for others (OTEL_BSP_SCHEDULE_DELAY).
    private static let interval = Duration.seconds(5)
    /// Of one request (OTEL_EXPORTER_OTLP_TIMEOUT).
    private static let timeout = Duration.seconds(10)
    private static let connectTimeout = Duration.seconds(3)
    /// Between the attempts to send a batch, where the collector may be able to take it later.
    private static let pauses: [Duration] = [.seconds(1), .seconds(4)]
    /// For all that waits when the service ends.
    private static let lastTimeout = Duration.seconds(1)

    nonisolated let queue = SpanQueue()
    private nonisolated let settings: TracingSettings
    private nonisolated let loop: EventLoop
    /// SWF's host.
    private let upstream: String
    private let resource: [(key: String, value: String)]
    private let logger: Logger
    private let wakeup: Wakeup
    private let ended: Wakeup
    private let released: Wakeup
    private var client: PlainClient?
    /// When the service ends; nil: it does not.
    private var last: ContinuousClock.Instant?
    private var hasEnded = false
    /// Whether the last batch was sent; nil: there was none.
    private var isWorking: Bool?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - instance: what this process is called among others.
    ///   - upstream: SWF's host.
    /// - Throws: where there can be no loop.
    init(_ settings: TracingSettings, instance: String, upstream: String, _ logger: Logger) throws(SystemError) {
        self.settings = settings
        self.upstream = upstream
        self.logger = logger
        resource = settings.resource(instance: instance)
        loop = try EventLoop(name: "spans")
        wakeup = Wakeup(on: loop)
        ended = Wakeup(on: loop)
        released = Wakeup(on: loop)
    }

    nonisolated func start() {
        loop.start { await self.run() }
    }

    /// Spans enough for a batch wait.
    func wake() {
        wakeup.signal()
    }

    /// Sends what waits, for a moment at most, and returns then.
    func stop() async {
        let last = ContinuousClock.now + Self.lastTimeout
        self.last = last
        wakeup.signal()
        while !hasEnded, .now < last { await ended.wait(until: last) }
        ended.cancel()
        released.signal()
    }

    private func run() async {
        while last == nil {
            await wakeup.wait(until: .now + Self.interval)
            var beats = queue.takeAll()[...]
            while !beats.isEmpty {
                // A heartbeat has two spans at most.
                let batch = beats.prefix(Self.batchSpansMax / 2)
                beats = beats.dropFirst(batch.count)
                await export(batch.flatMap { $0.spans(upstream: upstream) })
            }
        }
        wakeup.cancel()
        hasEnded = true
        ended.signal()
        // The loop ends with this: `stop` has to come back from it before.
        await released.wait()
    }

    private func export(_ spans: [Span]) async {
        let body = OTLP.request(spans, resource: resource, scope: (Release.name, Release.version))
        var pauses = Self.pauses[...]
        while true {
            let fault = await send(body)
            guard let fault else {
                note(nil)
                return queue.exported.add(spans.count)
            }
            guard fault.mayPass, last == nil, let pause = pauses.popFirst() else {
                note(fault.reason)
                return queue.failed.add(spans.count)
            }
            await wakeup.wait(until: .now + pause)
        }
    }

    /// - Returns: nil: the collector has taken them.
    private func send(_ body: [UInt8]) async -> (reason: String, mayPass: Bool)? {
        let client = self.client ?? PlainClient(on: loop)
        self.client = client
        let deadline = min(ContinuousClock.now + Self.timeout, last ?? .now + Self.timeout)
        let result = await client.post(
            settings.url,
            headers: [("Content-Type", "application/json"), ("User-Agent", Release.userAgent)]
                + settings.headers, body: body, connectTimeout: Self.connectTimeout, deadline: deadline)
        switch result {
        case .success(let answer) where (200...299).contains(answer.status): return nil
        case .success(let answer):
            // https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
            return ("the collector answers \(answer.status)", [429, 502, 503, 504].contains(answer.status))
        case .failure(.timeout): return ("the collector does not answer in time", true)
        case .failure(.unreachable(let reason)), .failure(.untrusted(let reason)): return (reason, true)
        case .failure(let failure): return ("\(failure)", true)
        }
    }

    /// - Parameter fault: nil: all is well.
    private func note(_ fault: String?) {
        defer { isWorking = fault == nil }
        if let fault, isWorking != false {
            logger.warning("spans cannot be sent: they are dropped", metadata: ["reason": "\(fault)"])
        } else if fault == nil, isWorking == false {
            logger.info("spans can be sent again")
        }
    }
}
