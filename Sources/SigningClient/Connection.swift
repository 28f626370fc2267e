internal import EventLoop
internal import HTTP

/// A connection that libcurl has made, with the TLS and the proxies that it takes: one request after the other is
/// written to it, and the answer read (RFC 9112 §9.3). For use on its loop only; to be closed by its owner.
final class Connection: EventHandler {
    /// How an exchange ended.
    enum Ending: Sendable {
        case answered(Answer)
        case failed(CallFailure)
        /// The connection was at its end before a byte of the answer came.
        case unanswered(CallFailure)
    }

    /// One request, and what has come of it.
    private struct Exchange {
        let request: [UInt8]
        let suspension: Suspension<Ending>
        var reader: ResponseReader
        var sentBytes = 0
        /// Why no more of the request can be sent. What the server has said to it may still be read.
        var sendFailure: CallFailure?
        var hasAnswerBegun = false
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
    private var exchange: Exchange?
    /// What has come of the answer and cannot be understood yet.
    private var unread: [UInt8] = []

    /// - Parameter handle: with its connection made.
    /// - Throws: why the connection is of no use.
    init(
        _ handle: CurlHandle, of multi: CurlMulti, isSecure: Bool, room: ReceiveRoom, on loop: EventLoop,
        idleEnded: @escaping (Connection) -> Void
    ) throws(CallFailure) {
        self.handle = handle
        self.multi = multi
        self.loop = loop
        self.room = room
        self.idleEnded = idleEnded
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

    /// Sends a request and waits for its whole answer, at most until the deadline. Afterwards the connection is open
    /// only if it can be used again.
    func exchange(_ request: [UInt8], limits: Limits, until deadline: ContinuousClock.Instant) async -> Ending {
        await Suspension.wait { suspension in
            exchange = Exchange(request: request, suspension: suspension, reader: ResponseReader(limits: limits))
            guard isOpen else { return finish(.unanswered(.closedUnanswered), keepsOpen: false) }
            self.deadline?.set(deadline)
            write()
            // What cannot be written to may still be read from.
            if exchange?.sendFailure != nil { read(.failed) }
        }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        deadline?.cancel()
        loop.unwatch(stream.socket)
        multi.giveBack(handle)
    }

    // MARK: Events

    func handle(_ events: Events, of _: Int32) {
        if exchange == nil {
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
        guard let request = exchange?.request else { return }
        while let sentBytes = exchange?.sentBytes, sentBytes < request.count, exchange?.sendFailure == nil {
            switch stream.write(request, from: sentBytes) {
            case .done(let count): exchange?.sentBytes += count
            case .blocked: return
            case .ended: exchange?.sendFailure = .closedUnanswered
            case .failed(let failure): exchange?.sendFailure = failure
            }
        }
    }

    /// Reads all there is, for epoll tells of it once only.
    private func read(_ events: Events) {
        let isEnding = !events.isDisjoint(with: [.peerClosed, .failed])
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
        if let failure = exchange?.sendFailure {
            keepsOpen = false
            ending = ending ?? broken(failure)
        }
        if let ending { finish(ending, keepsOpen: keepsOpen) }
    }

    /// Reads so many bytes in the room as the answer's.
    private func take(_ count: Int, _ keepsOpen: inout Bool) -> Ending? {
        exchange?.hasAnswerBegun = true
        let received = room.bytes
        let progress: ResponseReader.Progress?
        if unread.isEmpty {
            let step = exchange?.reader.advance(received.span.extracting(0..<count))
            unread.append(contentsOf: received[(step?.consumed ?? 0)..<count])
            progress = step?.progress
        } else {
            unread.append(contentsOf: received[..<count])
            let step = exchange?.reader.advance(unread.span)
            unread.removeFirst(step?.consumed ?? 0)
            progress = step?.progress
        }
        guard let progress else { return nil }
        return ending(progress, &keepsOpen)
    }

    private func endOfStream() -> Ending? {
        guard exchange?.hasAnswerBegun == true, let progress = exchange?.reader.endOfStream() else {
            return .unanswered(exchange?.sendFailure ?? .closedUnanswered)
        }
        var keepsOpen = false
        return ending(progress, &keepsOpen)
    }

    private func broken(_ failure: CallFailure) -> Ending {
        exchange?.hasAnswerBegun == true ? .failed(failure) : .unanswered(failure)
    }

    private func ending(_ progress: ResponseReader.Progress, _ keepsOpen: inout Bool) -> Ending? {
        switch progress {
        case .partial: return nil
        case .bad(let fault):
            keepsOpen = false
            return .failed(CallFailure(fault))
        case .done(let response):
            // An answer may come before its request is sent; what is missing of that would open the next one.
            let isSent = exchange.map { $0.sentBytes == $0.request.count } ?? false
            if !(response.keepAlive && isSent && unread.isEmpty) { keepsOpen = false }
            return .answered(
                Answer(status: response.status, headers: AnswerHeaders(response.fields), body: response.body))
        }
    }

    private func finish(_ ending: Ending, keepsOpen: Bool) {
        deadline?.clear()
        isReused = true
        unread = []
        if !keepsOpen { close() }
        exchange.take()?.suspension.resume(returning: ending)
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
