import EventLoop
import HTTP
import Heartbeat
import OperatorPage

/// Serves the operator's page, and looks at the service once a second for what it tells of the last ones.
actor OperationsPage {
    /// How many may be sent events at a time.
    static let streamsMax = 16
    /// Whoever still looks then comes back.
    static let streamTimeMax = Duration.seconds(600)
    private static let interval = Duration.seconds(1)
    private static let retryAfterSeconds = 10

    private nonisolated let loop: EventLoop
    private let source: OverviewSource
    private var window = Window()
    private var looks = 0
    /// Tells this process's events from those of another one.
    private let process = String(UInt64.random(in: .min ... .max), radix: 36)
    private var latest: PageEvent?
    private var streams: [(stream: PageStream, since: Moment)] = []
    private let tick: Wakeup
    private var isStopping = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(_ source: OverviewSource, on loop: EventLoop) {
        self.source = source
        self.loop = loop
        tick = Wakeup(on: loop)
    }

    /// Returns after `stop`.
    func run() async {
        var next = ContinuousClock.now
        while !isStopping {
            look()
            next = max(next + Self.interval, .now)
            await tick.wait(until: next)
        }
        tick.cancel()
    }

    /// Nobody is sent anything any more.
    func stop() {
        isStopping = true
        for (stream, _) in streams { stream.end() }
        tick.signal()
    }

    /// - Returns: nil: the path is none of the page's.
    func response(to request: Request) -> Response? {
        let path = String(decoding: request.path, as: UTF8.self)
        guard [Page.path, Page.stylePath, Page.scriptPath, Page.eventsPath].contains(path) else { return nil }
        guard request.method == .get || request.method == .head else {
            return Self.response(405, "text/plain; charset=utf-8", "only GET and HEAD\n", [("Allow", "GET, HEAD")])
        }
        return switch path {
        case Page.stylePath: Self.response(200, "text/css; charset=utf-8", Page.style)
        case Page.scriptPath: Self.response(200, "text/javascript; charset=utf-8", Page.script)
        case Page.eventsPath: events(after: request.fields.first("Last-Event-ID"))
        default:
            Self.response(
                200, "text/html; charset=utf-8", Page.document(overview),
                [("Content-Security-Policy", Page.contentSecurityPolicy), ("Referrer-Policy", "no-referrer")])
        }
    }

    private var overview: Overview { source.overview(window.latest ?? source.totals, window) }

    /// - Parameter lastID: of the event that the reader has already.
    private func events(after lastID: String?) -> Response {
        guard streams.count < Self.streamsMax, !isStopping else {
            return Self.response(
                503, "text/plain; charset=utf-8", "as many look at this page as may at a time\n",
                [("Retry-After", "\(Self.retryAfterSeconds)")])
        }
        let stream = PageStream(on: loop) { [weak self] ended in self?.assumeIsolated { $0.remove(ended) } }
        streams.append((stream, .now))
        let event = event()
        if lastID != event.id { stream.show(event) }
        var response = Self.response(200, "text/event-stream", "")
        response.stream = stream
        return response
    }

    private func look() {
        looks += 1
        let now = Moment.now
        window.look(source.totals, at: now)
        for (stream, since) in streams where now - since >= Self.streamTimeMax { stream.end() }
        guard !streams.isEmpty else { return }
        let event = event()
        for (stream, _) in streams { stream.show(event) }
    }

    /// Made once for all.
    private func event() -> PageEvent {
        let id = "\(process)-\(looks)"
        if let latest, latest.id == id { return latest }
        let event = PageEvent(id: id, body: Page.body(overview))
        latest = event
        return event
    }

    private func remove(_ ended: PageStream) {
        streams.removeAll { $0.stream === ended }
        if streams.isEmpty { latest = nil }
    }

    private static func response(
        _ status: Int, _ contentType: String, _ body: String, _ fields: [(name: String, value: String)] = []
    ) -> Response {
        Response(
            status: status,
            fields: [
                ("Content-Type", contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
            ] + fields, body: Array(body.utf8))
    }
}
