internal import CCurl
internal import CLinux
internal import EventLoop

/// The bytes that go over a connection of libcurl's: through libcurl where there is TLS, else straight to the socket.
@safe struct ByteStream {
    /// What a non-blocking call came to.
    enum Progress {
        /// So many bytes were moved, at least one.
        case done(Int)
        case blocked
        /// The peer has ended its stream.
        case ended
        case failed(CallFailure)
    }

    let socket: Int32
    private let handle: CurlHandle
    private let isSecure: Bool

    /// - Parameter handle: with its connection made.
    init(_ handle: CurlHandle, isSecure: Bool) {
        var socket: curl_socket_t = -1
        unsafe ccurl_get_socket(handle.easy, CURLINFO_ACTIVESOCKET, &socket)
        self.socket = socket
        self.handle = handle
        self.isSecure = isSecure
    }

    /// Has libcurl tie the connection to its handle, as the first bytes that go through it do: until then it takes the
    /// connection for an idle one of its own, which it may close whenever it makes another one.
    /// - Returns: nil where that went well; else it is broken, or the server has spoken first.
    func claim() -> CallFailure? {
        var byte: UInt8 = 0
        var count = 0
        let code = unsafe curl_easy_recv(handle.easy, &byte, 1, &count)
        switch code {
        case CURLE_AGAIN: return nil
        case CURLE_OK where count > 0: return .unreachable("the server spoke before it was asked")
        case CURLE_OK: return .closedUnanswered
        default: return handle.failure(code)
        }
    }

    func read(into room: inout [UInt8]) -> Progress {
        unsafe room.withUnsafeMutableBytes { room in
            guard isSecure else {
                return progress(of: uninterrupted { unsafe recv(socket, room.baseAddress, room.count, 0) })
            }
            var count = 0
            let code = unsafe curl_easy_recv(handle.easy, room.baseAddress, room.count, &count)
            return progress(code, count)
        }
    }

    /// Whether nothing is left to read after so many bytes came at once. Of what TLS has in its hands there is no word.
    func isDrained(by count: Int, of room: [UInt8]) -> Bool {
        !isSecure && count < room.count
    }

    /// Writes what it can of `bytes` from `offset` on.
    func write(_ bytes: [UInt8], from offset: Int) -> Progress {
        unsafe bytes.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard isSecure else {
                return progress(
                    of: uninterrupted { unsafe send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL)) })
            }
            var count = 0
            let code = unsafe curl_easy_send(handle.easy, rest.baseAddress, rest.count, &count)
            return progress(code, count)
        }
    }

    private func progress(_ code: CURLcode, _ count: Int) -> Progress {
        switch code {
        case CURLE_OK: count > 0 ? .done(count) : .ended
        case CURLE_AGAIN: .blocked
        default: .failed(handle.failure(code))
        }
    }

    private func progress(of result: Int) -> Progress {
        if result > 0 { return .done(result) }
        if result == 0 { return .ended }
        let error = currentErrno()
        return error == EAGAIN ? .blocked : .failed(.unreachable(unsafe String(cString: strerror(error))))
    }

    /// Calls again for as long as a signal interrupts.
    private func uninterrupted(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || currentErrno() != EINTR { return result }
        }
    }
}

extension CallFailure {
    /// The connection ended before a byte of the answer came.
    static let closedUnanswered = CallFailure.unreachable("the server closed the connection before it answered")
}
