internal import EventLoop
internal import HTTP

/// A connection that libcurl has made, with the TLS and the proxies that it takes: one request after the other is
/// written to it, and the answer read (RFC 9112 §9.3). For use on its loop only; to be closed by its owner.
final class Connection: EventHandler, TurnEndHandler {
    /// How an exchange ended.
    enum Ending: Sendable {
        case answered(Answer)
        case failed(CallFailure)
        /// The connection was at its end before a byte of the answer came.
        case unanswered(CallFailure)
    }

    private(set) var isOpen = true
    /// Whether it has brought an answer already.
    private(set) var isReused = false
    /// When it was last put aside.
    var idleSince = ContinuousClock.Instant.now

    private let handle: CurlHandle
    private let multi: CurlMulti
    private let loop: EventLoop
    private let stream: ByteStream
    private let room: ReceiveRoom
    /// Is told when the connection ends that nobody uses.
    private let idleEnded: (Connection) -> Void
    private var deadline: LoopTimer?
    /// What has come of the answer and cannot be understood yet.
    private var unread: [UInt8] = []

    // The exchange under way.
    /// nil: there is none.
    private var suspension: Suspension<Ending>?
    private var request: [UInt8] = []
    private var sentBytes = 0
    /// Why no more of the request can be sent. What the server has said to it may still be read.
    private var sendFailure: CallFailure?
    private var reader: ResponseReader
    private var hasAnswerBegun = false

    private static let ending: Events = [.peerClosed, .failed]

    /// - Parameter handle: with its connection made.
    /// - Throws: why the connection is of no use.
    init(
        _ handle: CurlHandle, of multi: CurlMulti, isSecure: Bool, limits: Limits, room: ReceiveRoom,
        on loop: EventLoop, idleEnded: @escaping (Connection) -> Void
    ) throws(CallFailure) {
        self.handle = handle
        self.multi = multi
        self.loop = loop
        self.room = room
        self.idleEnded = idleEnded
        reader = ResponseReader(limits: limits)
        stream = ByteStream(handle, isSecure: isSecure)
        if let failure = stream.claim() { throw failure }
        deadline = LoopTimer(on: loop) { [unowned self] in finish(.failed(.timeout), keepsOpen: false) }
        do throws(SystemError) {
            let events: Events = [.readable, .writable, .peerClosed, .edgeTriggered]
            try loop.watch(stream.socket, for: events, handler: self)
        } catch {
            throw .unreachable(error.description)
        }
    }

    /// Sends a request and reads its whole answer, at most until the deadline. Afterwards the connection is open only
    /// if it can be used again.
    func exchange(_ request: [UInt8], until deadline: ContinuousClock.Instant, _ suspension: Suspension<Ending>) {
        self.suspension = suspension
        self.request = request
        sentBytes = 0
        hasAnswerBegun = false
        guard isOpen else { return finish(.unanswered(.closedUnanswered), keepsOpen: false) }
        self.deadline?.set(deadline)
        loop.callAtTurnEnd(self)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        deadline?.cancel()
        loop.unwatch(stream.socket)
        multi.giveBack(handle)
    }

    // MARK: Events

    func turnEnded() {
        // The deadline may have come first.
        guard suspension != nil else { return }
        write()
        // What cannot be written to may still be read from.
        if sendFailure != nil { read(.failed) }
    }

    func handle(_ events: Events, of _: Int32) {
        if suspension == nil {
            checkIdle()
        } else {
            write()
            read(events)
        }
    }

    /// Nothing may come while no request is under way. What TLS says for itself is not seen here.
    private func checkIdle() {
        if case .blocked = stream.read(into: &room.bytes) { return }
        close()
        idleEnded(self)
    }

    private func write() {
        while sentBytes < request.count, sendFailure == nil {
            switch stream.write(request, from: sentBytes) {
            case .done(let count): sentBytes += count
            case .blocked: return
            case .ended: sendFailure = .closedUnanswered
            case .failed(let failure): sendFailure = failure
            }
        }
    }

    /// Reads all there is, for epoll tells of it once only.
    private func read(_ events: Events) {
        let isEnding = !events.isDisjoint(with: Self.ending)
        var ending: Ending?
        var keepsOpen = true
        reading: while true {
            switch stream.read(into: &room.bytes) {
            case .done(let count):
                guard ending == nil else {
                    // RFC 9112 §9.2: nobody has asked for more.
                    keepsOpen = false
                    break reading
                }
                ending = take(count, &keepsOpen)
                if stream.isDrained(by: count, of: room.bytes), !isEnding { break reading }
            case .blocked:
                break reading
            case .ended:
                keepsOpen = false
                ending = ending ?? endOfStream()
                break reading
            case .failed(let failure):
                keepsOpen = false
                ending = ending ?? broken(failure)
                break reading
            }
        }
        if let failure = sendFailure {
            keepsOpen = false
            ending = ending ?? broken(failure)
        }
        if let ending { finish(ending, keepsOpen: keepsOpen) }
    }

    /// Reads so many bytes in the room as the answer's.
    private func take(_ count: Int, _ keepsOpen: inout Bool) -> Ending? {
        hasAnswerBegun = true
        let received = room.bytes
        guard unread.isEmpty else {
            unread.append(contentsOf: received[..<count])
            let (consumed, progress) = reader.advance(unread.span)
            unread.removeFirst(consumed)
            return ending(progress, &keepsOpen)
        }
        let (consumed, progress) = reader.advance(received.span.extracting(0..<count))
        if consumed < count { unread.append(contentsOf: received[consumed..<count]) }
        return ending(progress, &keepsOpen)
    }

    private func endOfStream() -> Ending? {
        guard hasAnswerBegun else { return .unanswered(sendFailure ?? .closedUnanswered) }
        var keepsOpen = false
        return ending(reader.endOfStream(), &keepsOpen)
    }

    private func broken(_ failure: CallFailure) -> Ending {
        hasAnswerBegun ? .failed(failure) : .unanswered(failure)
    }

    private func ending(_ progress: ResponseReader.Progress, _ keepsOpen: inout Bool) -> Ending? {
        switch progress {
        case .partial: return nil
        case .bad(let fault):
            keepsOpen = false
            return .failed(CallFailure(fault))
        case .done(let response):
            // An answer may come before its request is sent; what is missing of that would open the next one.
            if !(response.keepAlive && sentBytes == request.count && unread.isEmpty) { keepsOpen = false }
            return .answered(
                Answer(status: response.status, headers: AnswerHeaders(response.fields), body: response.body))
        }
    }

    private func finish(_ ending: Ending, keepsOpen: Bool) {
        deadline?.clear()
        isReused = true
        unread = []
        request = []
        reader.reset()
        sendFailure = nil
        if !keepsOpen { close() }
        suspension.take()?.resume(returning: ending)
    }
}

/// Where bytes are received, before they belong to an answer: one for all connections of a loop.
final class ReceiveRoom {
    fileprivate var bytes = [UInt8](repeating: 0, count: 16_384)
}

extension CallFailure {
    fileprivate init(_ fault: ResponseFault) {
        self =
            switch fault {
            case .tooLarge: .answerTooLarge
            case .notHTTP: .unreachable("what the server says is not HTTP/1.1")
            case .malformed: .unreachable("the server's answer is malformed")
            case .truncated: .unreachable("the connection was closed before the answer's end")
            }
    }
}
