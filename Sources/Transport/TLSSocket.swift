internal import CLinux
internal import COpenSSL
internal import EventLoop

/// A socket as libssl reads and writes it: never raises SIGPIPE, and holds back a peer that sends without a pause.
final class TLSSocket {
    /// How often one call of libssl may receive. What a peer sends without any application data in it, such as key
    /// updates, would otherwise keep the loop for as long as the peer goes on.
    private static let receivesPerCallMax = 4

    /// What a peer has sent in all, counted for the handshake's sake.
    private(set) var bytesReceived = 0
    private(set) var firstByte: UInt8?
    /// Whether libssl was told to come again though the socket may have more.
    var isHeldBack = false

    private var descriptor: Descriptor?
    private var receivesLeft = 0
    private var isAtEnd = false

    init(_ descriptor: consuming Descriptor) {
        self.descriptor = consume descriptor
    }

    var number: Int32? { descriptor?.number }

    /// To be called before each call of libssl.
    func beginCall() {
        receivesLeft = Self.receivesPerCallMax
        isHeldBack = false
    }

    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard let number else { return 0 }
        let count = uninterrupted { unsafe recv(number, room.baseAddress, room.count, 0) }
        if count > 0 {
            if bytesReceived == 0 { firstByte = unsafe room.first }
            bytesReceived += count
        }
        return count
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let number else { return -1 }
        return uninterrupted { unsafe CLinux.send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    func endWriting() {
        guard let number else { return }
        _ = shutdown(number, Int32(SHUT_WR))
    }

    func close() {
        descriptor = nil
    }

    // MARK: As a BIO

    /// A BIO over this socket, which must outlive it.
    func makeBIO() -> OpaquePointer? {
        guard let method = unsafe Self.method, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    /// Made once and never freed or changed, so any thread may use it.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket") else { return nil }
        unsafe BIO_meth_set_read(method) { bio, data, count in
            unsafe TLSSocket.of(bio)?.read(bio, UnsafeMutableRawBufferPointer(start: data, count: Int(count))) ?? -1
        }
        unsafe BIO_meth_set_write(method) { bio, data, count in
            unsafe TLSSocket.of(bio)?.write(bio, UnsafeRawBufferPointer(start: data, count: Int(count))) ?? -1
        }
        unsafe BIO_meth_set_ctrl(method) { bio, command, _, _ in
            switch command {
            case BIO_CTRL_FLUSH: 1
            case BIO_CTRL_EOF: unsafe TLSSocket.of(bio)?.isAtEnd == true ? 1 : 0
            default: 0
            }
        }
        return unsafe method
    }()

    private static func of(_ bio: OpaquePointer?) -> TLSSocket? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSSocket>.fromOpaque(data).takeUnretainedValue()
    }

    private func read(_ bio: OpaquePointer?, _ room: UnsafeMutableRawBufferPointer) -> Int32 {
        unsafe copenssl_bio_clear_retry(bio)
        guard receivesLeft > 0 else {
            isHeldBack = true
            unsafe copenssl_bio_set_retry_read(bio)
            return -1
        }
        receivesLeft -= 1
        let count = unsafe receive(into: room)
        if count == 0 { isAtEnd = true }
        if count < 0, currentErrno() == EAGAIN { unsafe copenssl_bio_set_retry_read(bio) }
        return Int32(count)
    }

    private func write(_ bio: OpaquePointer?, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        unsafe copenssl_bio_clear_retry(bio)
        let count = unsafe send(bytes)
        if count < 0, currentErrno() == EAGAIN { unsafe copenssl_bio_set_retry_write(bio) }
        return Int32(count)
    }
}
