import Foundation
import TestSupport

/// One connection of a driver: a heartbeat at a time.
struct DriverConnection {
    enum State {
        case closed(retryAt: ContinuousClock.Instant)
        case idle
        /// The answer to the heartbeat of that number is due.
        case awaiting(number: Int, deadline: ContinuousClock.Instant)
    }

    enum Received {
        case more
        case answer(Answer)
        case end
    }

    private static let connectSeconds = 5

    private(set) var state = State.closed(retryAt: .now)
    /// -1: closed.
    private(set) var descriptor: Int32 = -1
    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private var filled = 0

    /// When the next heartbeat is to go out.
    var dueAt = ContinuousClock.now
    private(set) var idleSince = ContinuousClock.now
    /// From when on the heartbeat's time is taken.
    var startedAt = ContinuousClock.now
    /// The number of the heartbeat that has failed and is sent again, or is about to be.
    var repeated: Int?

    var isAwaiting: Bool {
        if case .awaiting = state { true } else { false }
    }

    /// - Returns: whether it is open.
    mutating func open(port: UInt16) -> Bool {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // It also bounds connect(2).
        var patience = timeval(tv_sec: Self.connectSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard connectToLoopback(descriptor, port: port) else { return false }
        state = .idle
        idleSince = .now
        return true
    }

    /// - Returns: false where not all of it is sent.
    mutating func send(_ bytes: UnsafeRawBufferPointer, number: Int, deadline: ContinuousClock.Instant) -> Bool {
        state = .awaiting(number: number, deadline: deadline)
        return Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Reads what is there.
    mutating func receive(to id: String) throws -> Received {
        let count = buffer.withUnsafeMutableBytes { bytes in
            recv(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled - 1, Int32(MSG_DONTWAIT))
        }
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? .more : .end }
        filled += count
        buffer[filled] = 0
        let parsed = try buffer.withUnsafeBytes { try Answer.parse(.init(rebasing: $0[..<filled]), to: id) }
        guard let parsed else { return .more }
        guard parsed.used == filled else {
            throw SupportError("\(filled - parsed.used) bytes follow the answer to \(id)")
        }
        filled = 0
        return .answer(parsed.answer)
    }

    mutating func answered(at now: ContinuousClock.Instant) {
        state = .idle
        idleSince = now
    }

    mutating func close(retryAt: ContinuousClock.Instant) {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        filled = 0
        state = .closed(retryAt: retryAt)
    }
}
