import Foundation

/// A connection that sends the bytes it is given and reads HTTP/1.1 responses, on a blocking socket.
///
/// It forgives nothing in a response's framing and knows nothing of requests: a test may send what it likes.
package final class RawHTTPClient {
    package enum Failure: Error, Equatable {
        /// The deadline passed.
        case timeout
        /// The peer closed in an orderly way before the response was whole; what came of it.
        case closed(received: [UInt8])
        case reset
        case malformed(String)
    }

    /// For each single send or receive.
    package static let defaultDeadline: Duration = .seconds(120)

    /// -1 after `abort`.
    private var descriptor: Int32
    private let deadline: Duration
    /// Received and not yet consumed.
    private var buffer: [UInt8] = []

    /// Connects to 127.0.0.1.
    package init(port: UInt16, deadline: Duration = defaultDeadline) throws {
        self.deadline = deadline
        descriptor = try Self.connected(AF_INET) { descriptor in
            withLoopbackAddress(port: port) { connect(descriptor, $0, $1) }
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    package init(unixPath: String, deadline: Duration = defaultDeadline) throws {
        self.deadline = deadline
        descriptor = try Self.connected(AF_UNIX) { descriptor in
            withUnixAddress(path: unixPath) { connect(descriptor, $0, $1) }
        }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
        }
    }

    private static func connected(_ family: Int32, _ connect: (Int32) -> Int32) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SupportError.systemCall("socket") }
        guard connect(descriptor) == 0 else {
            let error = SupportError.systemCall("connect")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    // MARK: Bytes

    package func send(_ bytes: some Sequence<UInt8>) throws {
        let bytes = Array(bytes)
        let last = ContinuousClock.now + deadline
        var sent = 0
        while sent < bytes.count {
            try wait(for: POLLOUT, until: last)
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
            } else if errno != EAGAIN, errno != EINTR {
                throw Failure.reset
            }
        }
    }

    package func send(_ text: String) throws {
        try send(text.utf8)
    }

    /// Tells the peer that nothing more is sent; what it sends can still be read.
    package func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes so that the peer sees a reset; nothing can be sent or received afterwards.
    package func abort() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
        descriptor = -1
    }

    /// All that comes until the peer closes.
    ///
    /// - Throws: `Failure.reset`, `Failure.timeout`.
    package func readToEnd() throws -> [UInt8] {
        let last = ContinuousClock.now + deadline
        while try fill(until: last) {}
        defer { buffer = [] }
        return buffer
    }

    /// What comes up to the end of `text`, of a response that is not whole yet.
    package func receive(until text: String) throws -> String {
        let last = ContinuousClock.now + deadline
        while true {
            if let range = buffer.firstRange(of: text.utf8) {
                defer { buffer.removeFirst(range.upperBound) }
                return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
            }
            guard try fill(until: last) else { throw Failure.closed(received: buffer) }
        }
    }

    /// - Returns: false where the peer has closed.
    private func fill(until last: ContinuousClock.Instant) throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            try wait(for: POLLIN, until: last)
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                buffer += chunk[..<count]
                return true
            }
            if count == 0 { return false }
            guard errno == EAGAIN || errno == EINTR else { throw Failure.reset }
        }
    }

    private func wait(for events: Int32, until last: ContinuousClock.Instant) throws {
        precondition(descriptor >= 0, "the connection was aborted")
        while true {
            let left = max(0, Int32(clamping: Int64((last - .now) / .milliseconds(1))))
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = poll(&entry, 1, left)
            if count > 0 { return }
            if count == 0 { throw Failure.timeout }
            guard errno == EINTR else { throw SupportError.systemCall("poll") }
        }
    }

    // MARK: Messages

    /// The next response, an interim one (1xx) included.
    ///
    /// - Parameter isHead: whether the request was a HEAD: the response then has no body whatever it says.
    package func receive(toHead isHead: Bool = false) throws -> HTTPResponse {
        let last = ContinuousClock.now + deadline
        while true {
            if let (response, used) = try HTTPResponse.parse(buffer, toHead: isHead, isComplete: false) {
                buffer.removeFirst(used)
                return response
            }
            guard try fill(until: last) else { break }
        }
        guard let (response, used) = try HTTPResponse.parse(buffer, toHead: isHead, isComplete: true) else {
            throw Failure.closed(received: buffer)
        }
        buffer.removeFirst(used)
        return response
    }

    /// Sends a request with `Host` and, where there is a body, `Content-Length`, unless `headers` has its own, and
    /// receives its response. Call it again to reuse the connection.
    package func request(
        _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) throws -> HTTPResponse {
        var all = headers
        func addUnlessGiven(_ name: String, _ value: String) {
            if !headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
                all.append((name, value))
            }
        }
        addUnlessGiven("Host", "127.0.0.1")
        if let body {
            addUnlessGiven("Content-Length", String(body.count))
        }
        let head = "\(method) \(target) HTTP/1.1\r\n" + all.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n"
        try send(Array(head.utf8) + (body ?? []))
        return try receive(toHead: method == "HEAD")
    }

    package func get(_ target: String, headers: [(name: String, value: String)] = []) throws -> HTTPResponse {
        try request("GET", target, headers: headers)
    }

    package func post(
        _ target: String, headers: [(name: String, value: String)] = [], body: String = ""
    ) throws -> HTTPResponse {
        try request("POST", target, headers: headers, body: Array(body.utf8))
    }
}

/// Calls `body` with the socket address of a path.
private func withUnixAddress(path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    precondition(bytes.count < MemoryLayout.size(ofValue: address.sun_path), "the socket's path is too long")
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
