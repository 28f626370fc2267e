import EventLoop
import HTTP
import HTTPServer
import TestSupport
import Testing
import Transport

/// A server on a loop of its own.
actor ServerUnderTest {
    nonisolated let port: UInt16
    nonisolated let events: AsyncStream<Event>
    private nonisolated let report: AsyncStream<Event>.Continuation
    private nonisolated let loop: EventLoop
    private let socket: BoundSocket
    private let limits: Limits
    /// What the server asks for a context at each connection.
    private let tls: ContextBox?
    private let rules: Admission.Rules
    private let overload: OverloadRule.Rules?
    private let backlog: TestBacklog?
    private let grace: Duration
    private let tally = Tally()
    private var atClose: (@Sendable () throws -> Void)?
    private var handler: TestHandler?
    private var server: HTTPServer?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    fileprivate init(
        address: String, limits: Limits, tls: TLSContext?, rules: Admission.Rules, overload: OverloadRule.Rules?,
        room: Int?, grace: Duration
    ) throws {
        loop = try EventLoop(name: "server")
        socket = try BoundSocket.bind(1, to: #require(SocketAddress(address)))[0]
        port = socket.address.port
        (events, report) = AsyncStream.makeStream()
        self.limits = limits
        self.tls = tls.map(ContextBox.init)
        self.rules = rules
        self.overload = overload
        backlog = room.map { [report] in TestBacklog(room: $0) { report.yield($0) } }
        self.grace = grace
    }

    fileprivate nonisolated func start() {
        loop.start {
            do { try await self.run() } catch { Issue.record(error) }
            self.report.finish()
        }
    }

    /// Returns once `finish` is called and no connection is left.
    private func run() async throws {
        let tally = self.tally
        let handler = TestHandler(on: loop) { [report] in report.yield($0) }
        let server = try HTTPServer(
            on: socket, loop: loop, handler: handler, limits: limits,
            tls: tls.map { box in { box.context } }, admission: Admission(rules), overload: overload,
            backlog: backlog,
            connectionsChanged: { [report] open, serving in
                report.yield(.connections(open: open, serving: serving))
                tally.change(open: open, serving: serving)
            }, connectionRefused: { [report] in report.yield(.refused($0)) })
        (self.handler, self.server) = (handler, server)
        report.yield(.started)
        await server.run()
        report.yield(.closed)
        try atClose?()
        await server.drain(grace: grace)
        report.yield(.drained)
        await Suspension.wait { tally.await($0) }
    }

    fileprivate func finish() {
        server?.close()
        handler?.release()
        tally.finish()
    }

    /// Has the server stop accepting, and then drain.
    /// - Parameter atClose: is called directly before the drain begins.
    func close(_ atClose: (@Sendable () throws -> Void)? = nil) {
        self.atClose = atClose
        server?.close()
    }

    /// Has the next connections use another context.
    func use(_ context: TLSContext) {
        tls?.context = context
    }

    /// Has each answer be its connection's last.
    func announceClose() {
        server?.announceClose()
    }

    func release() {
        handler?.release()
    }

    /// Has more requests let in.
    func makeRoom(_ count: Int) {
        backlog?.makeRoom(count)
    }

    /// Has the last stream go on with `text`, or end.
    func stream(_ text: String?) {
        guard let text else { return handler?.stream?.finish() ?? () }
        handler?.stream?.assumeIsolated { $0.add(Array(text.utf8)) }
    }

    /// Keeps the loop busy with `body`: what happens meanwhile the server sees all at once.
    func busy(_ body: (isolated ServerUnderTest) throws -> Void) rethrows {
        try body(self)
    }

    /// The events up to and including `last`.
    @discardableResult
    nonisolated func events(until last: Event) async throws -> [Event] {
        var events: [Event] = []
        for await event in self.events {
            events.append(event)
            if event == last { return events }
        }
        throw SupportError("the server has ended without \(last)")
    }

    nonisolated func client(deadline: Duration = RawHTTPClient.defaultDeadline) throws -> RawHTTPClient {
        try RawHTTPClient(port: port, deadline: deadline)
    }
}

/// Runs a test on a server of its own; returns only when nothing is open or under way there.
func withServer(
    _ limits: Limits = .patient, tls: TLSContext? = nil, connectionsMax: Int = 10_000,
    rules: Admission.Rules = Admission.Rules(), overload: OverloadRule.Rules? = nil, room: Int? = nil,
    at address: String = "127.0.0.1:0", grace: Duration = .seconds(600),
    _ body: (ServerUnderTest) async throws -> Void
) async throws {
    var rules = rules
    rules.connectionsMax = connectionsMax
    let server = try ServerUnderTest(
        address: address, limits: limits, tls: tls, rules: rules, overload: overload, room: room, grace: grace)
    server.start()
    try await server.events(until: .started)
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(try await body(server))
    } catch {
        outcome = .failure(error)
    }
    await server.finish()
    for await _ in server.events {}
    try outcome.get()
}

private final class ContextBox {
    var context: TLSContext

    init(_ context: TLSContext) {
        self.context = context
    }
}

extension Limits {
    /// For tests in which no time is to run out, however busy the machine is.
    static let patient = {
        var limits = Limits()
        limits.firstByteTimeout = .seconds(600)
        limits.idleTimeout = .seconds(600)
        limits.headerTimeout = .seconds(600)
        limits.bodyTimeout = .seconds(600)
        limits.bodyRateGrace = .seconds(600)
        limits.writeTimeout = .seconds(600)
        limits.handshakeTimeout = .seconds(600)
        limits.proxyHeaderTimeout = .seconds(600)
        return limits
    }()
}

/// What is open and under way; tells when nothing is and the test is done.
private final class Tally {
    private var isEmpty = true
    private var isFinishing = false
    private var waiting: Suspension<Void>?

    func change(open: Int, serving: Int) {
        isEmpty = open == 0 && serving == 0
        tell()
    }

    func finish() {
        isFinishing = true
        tell()
    }

    func await(_ suspension: Suspension<Void>) {
        waiting = suspension
        tell()
    }

    private func tell() {
        guard isEmpty, isFinishing, let waiting else { return }
        self.waiting = nil
        waiting.resume(returning: ())
    }
}
