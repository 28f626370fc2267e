internal import CLinux
package import EventLoop

/// A TCP connection with nothing in between.
package final class PlainTransport: Transport {
    package let peerAddress: String?
    private let readiness: Readiness
    private var socket: Descriptor?

    /// - Parameter socket: non-blocking and connected.
    package init(_ accepted: consuming Listener.Accepted, on loop: EventLoop) throws(SystemError) {
        peerAddress = accepted.peerAddress
        let socket = accepted.socket
        readiness = try Readiness(of: socket.number, on: loop)
        self.socket = consume socket
    }

    package func read(into buffer: inout ReceiveBuffer) -> Progress {
        guard let number = socket?.number else { return .closed }
        let count = unsafe buffer.fill { room in
            uninterrupted { unsafe recv(number, room.baseAddress, room.count, 0) }
        }
        return progress(count, orWaitFor: .needsRead)
    }

    package func write(_ bytes: [UInt8], from offset: Int) -> Progress {
        guard let number = socket?.number else { return .closed }
        let count = unsafe bytes.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            return uninterrupted { unsafe send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL)) }
        }
        return progress(count, orWaitFor: .needsWrite)
    }

    private func progress(_ count: Int, orWaitFor wait: Progress) -> Progress {
        if count > 0 { return .done(count) }
        return count < 0 && currentErrno() == EAGAIN ? wait : .closed
    }

    package func wait(for direction: Readiness.Direction) async -> Readiness.Wake {
        await readiness.wait(for: direction)
    }

    package func interrupt() {
        readiness.interrupt()
    }

    package func endWriting() {
        guard let number = socket?.number else { return }
        _ = shutdown(number, Int32(SHUT_WR))
    }

    package func close() {
        guard socket != nil else { return }
        readiness.stop()
        socket = nil
    }
}

/// Calls again for as long as a signal interrupts.
func uninterrupted(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || currentErrno() != EINTR { return result }
    }
}
