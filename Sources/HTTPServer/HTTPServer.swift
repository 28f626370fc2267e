package import EventLoop
package import HTTP
package import Transport

/// One loop's share of an HTTP/1.1 server: its listener and the connections accepted there.
package final class HTTPServer<Service: Handler> {
    private let loop: EventLoop
    private let listener: Listener
    private let handler: Service
    private let limits: Limits
    private let connectionsMax: Int
    private let connectionsChanged: (_ open: Int, _ serving: Int) -> Void
    private let date = DateField()
    /// How many connections are taken before the loop's other work has its turn.
    private static var acceptedPerTurnMax: Int { 16 }

    private var connections: [ObjectIdentifier: Connection<PlainTransport, Service>] = [:]
    private var serving = 0
    private var isClosing = false
    /// A connection has closed, or the server is closing.
    private let changed: Wakeup

    /// - Parameters:
    ///   - connectionsMax: while so many are open, whoever comes waits in the system's queue.
    ///   - connectionsChanged: is told how many connections are open and how many of them have a request under way.
    /// - Throws: what listen(2) says.
    package init(
        on socket: BoundSocket, loop: EventLoop, handler: Service, limits: Limits = Limits(),
        connectionsMax: Int = 10_000, connectionsChanged: @escaping (_ open: Int, _ serving: Int) -> Void = { _, _ in }
    ) throws(SystemError) {
        self.loop = loop
        self.handler = handler
        self.limits = limits
        self.connectionsMax = connectionsMax
        self.connectionsChanged = connectionsChanged
        changed = Wakeup(on: loop)
        listener = try Listener(socket, on: loop)
    }

    /// Accepts connections until `close`; each is served by a task of its own.
    package func run() async {
        var accepted = 0
        while let connection = await listener.accept() {
            serve(connection)
            accepted += 1
            if accepted.isMultiple(of: Self.acceptedPerTurnMax) { await Task.yield() }
            while connections.count >= connectionsMax, !isClosing { await changed.wait() }
        }
    }

    /// No new connections but those in the system's queue; `run` returns when they are taken.
    package func close() {
        isClosing = true
        listener.close()
        changed.signal()
    }

    /// After `run`: idle connections close, requests under way are finished, each as its connection's last.
    /// - Returns: when all connections are closed, or `grace` has passed: the rest are then cut off, and handlers that
    ///   have not returned yet have nobody to answer.
    package func drain(grace: Duration) async {
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
    }

    private func serve(_ accepted: consuming Listener.Accepted) {
        // Without a watch on it the connection cannot be served, and the descriptor closes as it goes.
        guard let transport = try? PlainTransport(accepted, on: loop) else { return }
        let connection = Connection(
            over: transport, on: loop, handler: handler, limits: limits, date: date,
            servingChanged: { [self] in
                serving += $0
                connectionsChanged(connections.count, serving)
            })
        connections[ObjectIdentifier(connection)] = connection
        connectionsChanged(connections.count, serving)
        loop.spawn { [self] in
            await connection.run()
            closed(connection)
        }
    }

    private func closed(_ connection: Connection<PlainTransport, Service>) {
        connections[ObjectIdentifier(connection)] = nil
        connectionsChanged(connections.count, serving)
        changed.signal()
    }
}
