package import EventLoop
package import HTTP
package import Transport

/// One loop's share of an HTTP/1.1 server: its listener and the connections accepted there.
package final class HTTPServer {
    private let loop: EventLoop
    private let listener: Listener
    private let commons: Commons
    private let tls: (() -> TLSContext)?
    private let admission: Admission
    private let connectionsChanged: (_ open: Int, _ serving: Int) -> Void
    private let connectionRefused: (Admission.Refusal) -> Void
    /// How many connections are taken before the loop's other work has its turn.
    private static let acceptedPerTurnMax = 64
    /// How long a full server rests before it looks whether another loop's connection has closed.
    private static let fullPause = Duration.milliseconds(100)

    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    private var serving = 0
    private var announcesClose = false
    private var isClosing = false
    private var isDraining = false
    /// A connection has closed, or the server is closing.
    private let changed: Wakeup

    /// - Parameters:
    ///   - tls: is asked for each connection, so that a new context holds from the next one on; nil: plain TCP.
    ///   - admission: the same for all loops of a listener.
    ///   - overload: when requests are refused; nil: never, as where it is asked whether the service is well.
    ///   - backlog: what the requests lead to, where that does not take any number of them.
    ///   - clockOffsetSeconds: how far `Date` is ahead of the system's clock: for a stand-in whose clock is wrong.
    ///   - connectionsChanged: is told how many connections are open and how many of them have a request under way.
    ///   - connectionRefused: is told of each connection that was closed because of `admission`.
    /// - Throws: what listen(2) says.
    package init(
        on socket: BoundSocket, loop: EventLoop, handler: any Handler, limits: Limits = Limits(),
        tls: (() -> TLSContext)? = nil, admission: Admission = Admission(),
        overload: OverloadRule.Rules? = nil, backlog: (any Backlog)? = nil, clockOffsetSeconds: Int64 = 0,
        connectionsChanged: @escaping (_ open: Int, _ serving: Int) -> Void = { _, _ in },
        connectionRefused: @escaping (Admission.Refusal) -> Void = { _ in }
    ) throws(SystemError) {
        self.loop = loop
        self.tls = tls
        self.admission = admission
        self.connectionsChanged = connectionsChanged
        self.connectionRefused = connectionRefused
        changed = Wakeup(on: loop)
        let gate = try overload.map { rules throws(SystemError) in
            try OverloadGate(rules, admission: admission, backlog: backlog, on: loop)
        }
        commons = Commons(
            on: loop, handler: handler, limits: limits, trustedProxies: admission.rules.trustedProxies,
            date: DateField(offsetSeconds: clockOffsetSeconds), gate: gate)
        listener = try Listener(socket, on: loop)
    }

    /// Accepts connections until `close`; each is served by a task while it has something to do.
    package func run() async {
        var accepted = 0
        while let connection = await listener.accept() {
            welcome(connection)
            accepted += 1
            if accepted.isMultiple(of: Self.acceptedPerTurnMax) { await Task.yield() }
            while admission.isFull, !isClosing { await changed.wait(until: .now + Self.fullPause) }
        }
    }

    /// The server will close soon: from now on each answer is its connection's last, and says so. Whoever keeps
    /// connections learns of it where no request can be lost: between an answer and the next request.
    package func announceClose() {
        announcesClose = true
        for connection in connections.values { connection.announceClose() }
    }

    /// No new connections but those in the system's queue; `run` returns when they are taken. Answers meanwhile are
    /// their connections' last.
    package func close() {
        announceClose()
        isClosing = true
        listener.close()
        changed.signal()
    }

    /// After `run`: idle connections close, requests under way are finished, each as its connection's last.
    /// - Returns: when all connections are closed, or `grace` has passed: the rest are then cut off, and handlers that
    ///   have not returned yet have nobody to answer.
    package func drain(grace: Duration) async {
        isDraining = true
        for connection in connections.values { connection.drain() }
        var graceIsOver = false
        let timer = LoopTimer(on: loop) { [self] in
            graceIsOver = true
            for connection in connections.values { connection.abandon() }
            changed.signal()
        }
        timer.set(.now + grace)
        while !connections.isEmpty, !graceIsOver { await changed.wait() }
        timer.cancel()
        changed.cancel()
        commons.gate?.stop()
        commons.tasks.stop()
    }

    // MARK: One connection

    private func welcome(_ accepted: consuming Listener.Accepted) {
        guard admission.rules.requiresProxyHeader else { return admit(accepted) }
        guard admission.isTrusted(accepted.peerAddress) else { return connectionRefused(.untrustedPeer) }
        guard let transport = try? PlainTransport(accepted, on: loop) else { return }
        let preamble = ProxyPreamble(transport, on: loop, timeout: commons.limits.proxyHeaderTimeout)
        opened(preamble)
        loop.spawn { [self] in
            let accepted = await preamble.run()
            closed(preamble)
            if let accepted { admit(accepted) } else { connectionRefused(.proxyHeader) }
        }
    }

    private func admit(_ accepted: consuming Listener.Accepted) {
        let client = admission.client(at: accepted.peerAddress)
        if let client, !admission.enter(client) { return connectionRefused(.clientLimit) }
        // Without a watch on it the connection cannot be served, and the descriptor closes as it goes.
        do throws(SystemError) {
            if let tls {
                serve(over: try TLSTransport(accepted, context: tls(), on: loop), for: client)
            } else {
                serve(over: try PlainTransport(accepted, on: loop), for: client)
            }
        } catch {
            if let client { admission.leave(client) }
        }
    }

    /// - Parameter client: whose connection it is, where it is counted.
    private func serve(over transport: any Transport, for client: Admission.Client?) {
        let connection = Connection(over: transport, commons) { [self] connection, change in
            switch change {
            case .began: serving += 1
            case .answered: serving -= 1
            case .ended:
                if let client { admission.leave(client) }
                return closed(connection)
            }
            connectionsChanged(connections.count, serving)
        }
        opened(connection)
        commons.tasks.run(connection)
    }

    private func opened(_ connection: any ServedConnection) {
        if announcesClose { connection.announceClose() }
        if isDraining { connection.drain() }
        connections[ObjectIdentifier(connection)] = connection
        admission.opened()
        connectionsChanged(connections.count, serving)
    }

    private func closed(_ connection: any ServedConnection) {
        connections[ObjectIdentifier(connection)] = nil
        admission.closed()
        connectionsChanged(connections.count, serving)
        changed.signal()
    }
}
