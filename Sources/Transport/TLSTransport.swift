internal import CLinux
internal import COpenSSL
package import EventLoop

/// A TLS connection, this end the server.
@safe package final class TLSTransport: Transport {
    /// What a peer may send before the handshake is done: a hello, and a chain of certificates.
    private static let handshakeBytesMax = 65_536

    private enum Phase {
        case handshake
        case open
        /// The peer speaks HTTP in the clear, or nothing that is known: what comes is read, and answered, as it is.
        case plain
        /// libssl wants no more calls.
        case broken
    }

    package let peerAddress: String?
    package private(set) var peerCertificate: PeerCertificate?

    /// libssl has a reference to the SSL_CTX, but not to what its callbacks use.
    private let context: TLSContext
    private let socket: TLSSocket
    private let readiness: Readiness
    private var ssl: OpaquePointer?
    private var phase = Phase.handshake

    /// - Parameter socket: non-blocking and connected.
    package init(
        _ accepted: consuming Listener.Accepted, context: TLSContext, on loop: EventLoop
    ) throws(SystemError) {
        peerAddress = accepted.peerAddress
        self.context = context
        let socket = accepted.socket
        let number = socket.number
        self.socket = TLSSocket(consume socket)
        readiness = try Readiness(of: number, on: loop)
        guard let ssl = unsafe SSL_new(context.pointer), let bio = unsafe self.socket.makeBIO() else {
            readiness.stop()
            throw SystemError("SSL_new", code: ENOMEM)
        }
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe SSL_set_accept_state(ssl)
        unsafe self.ssl = unsafe ssl
    }

    deinit {
        unsafe SSL_free(ssl)
    }

    // MARK: Handshake

    package func open() -> Opening {
        guard phase == .handshake, let ssl = unsafe ssl else { return phase == .open ? .done : .failed }
        let (result, progress) = call { unsafe SSL_do_handshake(ssl) }
        if result == 1 { return accept() ? .done : .failed }
        if progress != .closed, socket.bytesReceived <= Self.handshakeBytesMax {
            return progress == .needsWrite ? .needsWrite : .needsRead
        }
        // What is said from here on libssl has no part in; its alert has gone out.
        phase = .plain
        if let first = socket.firstByte, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
            return .failedAsHTTP
        }
        return .failed
    }

    /// - Returns: false where a certificate that was good when its session began is so no more.
    private func accept() -> Bool {
        phase = .open
        guard let ssl = unsafe ssl, let certificate = unsafe SSL_get0_peer_certificate(ssl) else { return true }
        guard unsafe X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0 else { return false }
        peerCertificate = unsafe PeerCertificate(certificate)
        return true
    }

    // MARK: Bytes

    /// libssl may have read more of the socket than it has given away.
    package var isDrained: Bool { false }

    package func read(into buffer: inout ReceiveBuffer) -> Progress {
        switch phase {
        case .handshake, .broken:
            return .closed
        case .plain:
            let count = unsafe buffer.fill { unsafe socket.receive(into: $0) }
            return progress(ofPlain: count, orWaitFor: .needsRead)
        case .open:
            guard let ssl = unsafe ssl else { return .closed }
            var outcome = Progress.closed
            _ = unsafe buffer.fill { room in
                var count = 0
                let (result, progress) = call { unsafe SSL_read_ex(ssl, room.baseAddress, room.count, &count) }
                outcome = result == 1 ? .done(count) : progress
                return result == 1 ? count : -1
            }
            return outcome
        }
    }

    package func write(_ bytes: [UInt8], from offset: Int) -> Progress {
        unsafe bytes.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            switch phase {
            case .handshake, .broken:
                return .closed
            case .plain:
                return progress(ofPlain: unsafe socket.send(rest), orWaitFor: .needsWrite)
            case .open:
                guard let ssl = unsafe ssl else { return .closed }
                var count = 0
                let (result, progress) = call { unsafe SSL_write_ex(ssl, rest.baseAddress, rest.count, &count) }
                return result == 1 ? .done(count) : progress
            }
        }
    }

    private func progress(ofPlain count: Int, orWaitFor wait: Progress) -> Progress {
        if count > 0 { return .done(count) }
        return count < 0 && currentErrno() == EAGAIN ? wait : .closed
    }

    /// Calls libssl.
    /// - Returns: what it returned, and what that means where it is not success.
    private func call(_ body: () -> Int32) -> (result: Int32, failure: Progress) {
        // What others on this thread have left in the queue would be taken for this call's.
        ERR_clear_error()
        socket.beginCall()
        let result = body()
        guard result != 1, let ssl = unsafe ssl else { return (result, .closed) }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return (result, .needsRead)
        case SSL_ERROR_WANT_WRITE: return (result, .needsWrite)
        // The peer's close_notify: it may still read.
        case SSL_ERROR_ZERO_RETURN: return (result, .closed)
        default:
            phase = .broken
            return (result, .closed)
        }
    }

    package func wait(for direction: Readiness.Direction) async -> Readiness.Wake {
        // The socket was not read until it would block, so nothing need come from it: the others' turn, then again.
        if socket.isHeldBack {
            socket.isHeldBack = false
            await Task.yield()
            return .ready
        }
        return await readiness.wait(for: direction)
    }

    package func whenReadable(wake sleeper: any Sleeper) -> Bool {
        !socket.isHeldBack && readiness.whenReady(.read, wake: sleeper)
    }

    package func interrupt() {
        readiness.interrupt()
    }

    // MARK: End

    package func endWriting() {
        sendCloseNotify()
        socket.endWriting()
    }

    package func close() {
        guard socket.number != nil else { return }
        sendCloseNotify()
        unsafe SSL_free(ssl)
        unsafe ssl = nil
        phase = .broken
        readiness.stop()
        socket.close()
    }

    /// As far as the system's buffer takes it: a peer that reads nothing learns nothing.
    private func sendCloseNotify() {
        guard phase == .open, let ssl = unsafe ssl, unsafe SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN == 0 else {
            return
        }
        _ = call { unsafe SSL_shutdown(ssl) }
    }
}
