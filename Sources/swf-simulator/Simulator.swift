import EventLoop
import HTTP
import HTTPServer
import Heartbeat
import SigV4
import Synchronization
import Transport

/// The simulator on one event loop, from the command line's settings to the signal that ends it.
struct Simulator: Sendable {
    var listen: SocketAddress
    var region: String
    var credentials: [Credentials]
    var script: Script
    var latency: Duration
    var clockOffset: ClockOffset
    var skewFault: SkewFault
    /// nil: all heartbeats are taken.
    var rate: RateLimit?
    /// nil: tasks live for ever.
    var heartbeatTimeout: Duration?

    /// The size that SWF allows a request.
    private static let bodyBytesMax = 1_000_000

    /// Serves until SIGTERM or SIGINT, and then drops what is under way.
    /// - Parameter whenListening: is told the address, with the port that the system picked.
    func run(whenListening: @escaping @Sendable (SocketAddress) -> Void) throws(SystemError) {
        SignalSource.block()
        let sockets = try BoundSocket.bind(1, to: listen)
        let loop = try EventLoop(name: "simulator")
        let failure = Mutex<SystemError?>(nil)
        loop.start {
            do throws(SystemError) {
                try await serve(sockets[0], on: loop, whenListening)
            } catch {
                failure.withLock { $0 = error }
            }
        }
        loop.join()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func serve(
        _ socket: BoundSocket, on loop: EventLoop, _ whenListening: (SocketAddress) -> Void
    ) async throws(SystemError) {
        let endpoint = Endpoint(
            region: region, credentials: credentials, skewFault: skewFault, script: script,
            tasks: OpenTasks(rate: rate, heartbeatTimeout: heartbeatTimeout, now: .now))
        let handler = SimulatorHandler(endpoint, latency: latency, clockOffset: clockOffset, on: loop)
        var limits = Limits()
        limits.bodyBytesMax = Self.bodyBytesMax
        // SWF's clients are many, and those of a trial have one address.
        var rules = Admission.Rules()
        rules.connectionsPerClientMax = rules.connectionsMax
        let server = try HTTPServer(
            on: socket, loop: loop, handler: handler, limits: limits, admission: Admission(rules),
            clockOffsetSeconds: clockOffset.seconds,
            connectionsChanged: { open, _ in handler.connectionsChanged(open: open) })
        let signals = try SignalSource(on: loop)
        loop.spawn { await server.run() }
        whenListening(socket.address)
        _ = await signals.next()
    }
}
