internal import CLinux
package import EventLoop

/// A connection with nothing in between.
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

    package var isDrained: Bool { !readiness.mayRead }

    package func read(into buffer: inout ReceiveBuffer) -> Progress {
        guard let number = socket?.number else { return .closed }
        var roomBytes = 0
        let count = unsafe buffer.fill { room in
            roomBytes = room.count
            return uninterrupted { unsafe recv(number, room.baseAddress, room.count, 0) }
        }
        if count < roomBytes { readiness.drained() }
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

    package func whenReadable(wake sleeper: any Sleeper) -> Bool {
        readiness.whenReady(.read, wake: sleeper)
    }

    package func interrupt() {
        readiness.interrupt()
    }

    package func endWriting() {
        guard let number = socket?.number else { return }
        _ = shutdown(number, Int32(SHUT_WR))
    }

    /// Looks at bytes that have come, and leaves them to be read.
    /// - Parameter room: gets as many as it has place for, from its start on.
    package func peek(into room: inout [UInt8]) -> Progress {
        receive(into: &room, Int32(MSG_PEEK))
    }

    /// Reads and drops so many bytes, or what there is of them.
    package func discard(_ count: Int) {
        var room = [UInt8](repeating: 0, count: count)
        _ = receive(into: &room, 0)
    }

    private func receive(into room: inout [UInt8], _ flags: Int32) -> Progress {
        guard let number = socket?.number else { return .closed }
        let count = unsafe room.withUnsafeMutableBytes { room in
            uninterrupted { unsafe recv(number, room.baseAddress, room.count, flags) }
        }
        return progress(count, orWaitFor: .needsRead)
    }

    /// Gives the connection back as if just accepted, for another transport to be made over it; this one is closed.
    /// - Parameter peerAddress: whom it counts as from now on.
    package func release(peerAddress: String?) -> Listener.Accepted? {
        guard let socket = socket.take() else { return nil }
        readiness.stop()
        return Listener.Accepted(socket: socket, peerAddress: peerAddress)
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
