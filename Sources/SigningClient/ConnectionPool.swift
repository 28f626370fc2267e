internal import EventLoop
internal import HTTP

/// The connections of one loop to one endpoint: kept for the next request, shared out in turn, made where there are too
/// few. For use on its loop only.
final class ConnectionPool {
    private static let headerBytesMax = 65_536

    /// What a request may go on with.
    private enum Turn {
        /// Open, unless it has ended since.
        case connection(Connection)
        /// There may be one connection more.
        case room
    }

    private final class Waiter {
        var suspension: Suspension<Void>?
        private(set) var turn: Turn?

        /// - Parameter turn: nil: its deadline has come.
        func wake(_ turn: Turn?) {
            self.turn = turn
            suspension.take()?.resume(returning: ())
        }
    }

    private let loop: EventLoop
    private let multi: CurlMulti
    private let url: String
    private let isSecure: Bool
    private let connectionsMax: Int
    private let connectTimeout: Duration
    private let idleTimeMax: Duration
    private let limits: Limits
    private let room = ReceiveRoom()
    /// The longest idle first. Empty where requests wait.
    private var idle: [Connection] = []
    /// Connections that there are or will be.
    private var count = 0
    private var waiters: [Waiter] = []
    private var aging: LoopTimer?

    /// - Parameters:
    ///   - url: `http://` or `https://`, a host, perhaps a port.
    ///   - connectionsMax: requests beyond them wait for one, in their order.
    ///   - connectTimeout: for name resolution, TCP and TLS together.
    ///   - idleTimeMax: what is idle for longer may have been forgotten on the way, and is closed; libcurl's default.
    init(
        _ url: String, connectionsMax: Int, connectTimeout: Duration = .seconds(1),
        idleTimeMax: Duration = .seconds(118), multi: CurlMulti, on loop: EventLoop
    ) {
        self.url = url
        self.connectionsMax = connectionsMax
        self.connectTimeout = connectTimeout
        self.idleTimeMax = idleTimeMax
        self.multi = multi
        self.loop = loop
        isSecure = url.hasPrefix("https:")
        var limits = Limits()
        (limits.headerBytesMax, limits.bodyBytesMax) = (Self.headerBytesMax, WireRequest.answerBytesMaxDefault)
        self.limits = limits
        aging = LoopTimer(on: loop) { [unowned self] in closeAged() }
    }

    deinit {
        aging?.cancel()
        for connection in idle { connection.close() }
    }

    /// Sends one request and waits for its whole answer, at most until the deadline.
    /// - Parameter mustBeNew: no connection of an earlier request may have it: the last one broke.
    func send(
        _ request: [UInt8], onNewConnection mustBeNew: Bool = false, deadline: ContinuousClock.Instant
    ) async -> Result<Answer, CallFailure> {
        multi.requestCount += 1
        defer { multi.requestCount -= 1 }
        do throws(CallFailure) {
            var connection: Connection
            switch turnNow(mustBeNew: mustBeNew) {
            case .connection(let ready) where ready.isOpen && !mustBeNew: connection = ready
            case let turn: connection = try await self.connection(turn, mustBeNew: mustBeNew, until: deadline)
            }
            let isReused = connection.isReused
            var ending = await Suspension.wait { connection.exchange(request, until: deadline, $0) }
            if case .unanswered = ending, isReused {
                // RFC 9112 §9.3.1, §9.5: a server may close an idle connection at any time, with the next request on
                // its way. On a new connection that cannot be why.
                connection = try await makeConnection(until: deadline)
                ending = await Suspension.wait { connection.exchange(request, until: deadline, $0) }
            }
            giveBack(connection)
            switch ending {
            case .answered(let answer): return .success(answer)
            case .failed(let failure), .unanswered(let failure): throw failure
            }
        } catch {
            return .failure(error)
        }
    }

    // MARK: Taking and giving back

    /// - Parameter turn: nil: it is to be waited for.
    private func connection(
        _ turn: Turn?, mustBeNew: Bool, until deadline: ContinuousClock.Instant
    ) async throws(CallFailure) -> Connection {
        var turn = turn
        if turn == nil { turn = await self.turn(mustBeNew: mustBeNew, until: deadline) }
        guard let turn else { throw .timeout }
        if case .connection(let connection) = turn {
            if connection.isOpen, !mustBeNew { return connection }
            connection.close()
        }
        return try await makeConnection(until: deadline)
    }

    /// - Returns: nil where the deadline came first.
    private func turn(mustBeNew: Bool, until deadline: ContinuousClock.Instant) async -> Turn? {
        let waiter = Waiter()
        let timer = LoopTimer(on: loop) { [unowned self] in
            guard let index = waiters.firstIndex(where: { $0 === waiter }) else { return }
            waiters.remove(at: index).wake(nil)
        }
        await Suspension<Void>.wait { suspension in
            waiter.suspension = suspension
            if let turn = turnNow(mustBeNew: mustBeNew) {
                waiter.wake(turn)
            } else {
                waiters.append(waiter)
                timer.set(deadline)
            }
        }
        timer.cancel()
        return waiter.turn
    }

    private func turnNow(mustBeNew: Bool) -> Turn? {
        let hasRoom = count < connectionsMax
        if !(mustBeNew && hasRoom), let connection = idle.popLast() { return .connection(connection) }
        guard hasRoom else { return nil }
        count += 1
        return .room
    }

    private func giveBack(_ connection: Connection) {
        guard connection.isOpen else { return giveBackRoom() }
        if !waiters.isEmpty { return waiters.removeFirst().wake(.connection(connection)) }
        connection.idleSince = .now
        idle.append(connection)
        // For the longest idle one it is set already.
        if idle.count == 1 { aging?.set(connection.idleSince + idleTimeMax) }
    }

    private func giveBackRoom() {
        if !waiters.isEmpty { return waiters.removeFirst().wake(.room) }
        count -= 1
    }

    // MARK: Their beginning and end

    /// In the room that the caller has; where it throws, the room is given back.
    private func makeConnection(until deadline: ContinuousClock.Instant) async throws(CallFailure) -> Connection {
        let handle = multi.takeHandle()
        handle.reset(url: url, connectTimeout: connectTimeout)
        handle.connectOnly()
        do throws(CallFailure) {
            switch await multi.run(handle, deadline: deadline) {
            case .done: break
            case .failed(let code): throw handle.failure(code)
            case .overdue: throw .timeout
            }
            return try Connection(
                handle, of: multi, isSecure: isSecure, limits: limits, room: room, on: loop
            ) { [unowned self] in idleEnded($0) }
        } catch {
            multi.giveBack(handle)
            giveBackRoom()
            throw error
        }
    }

    /// One that is given to a request at this moment is not among them; that request finds it closed.
    private func idleEnded(_ connection: Connection) {
        guard let index = idle.firstIndex(where: { $0 === connection }) else { return }
        idle.remove(at: index)
        count -= 1
    }

    private func closeAged() {
        let limit = ContinuousClock.now - idleTimeMax
        let aged = idle.prefix { $0.idleSince <= limit }
        idle.removeFirst(aged.count)
        for connection in aged {
            connection.close()
            giveBackRoom()
        }
        if let longest = idle.first { aging?.set(longest.idleSince + idleTimeMax) }
    }
}
