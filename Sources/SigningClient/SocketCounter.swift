internal import CCurl

/// The sockets that the transfers of one multi handle have open. It lives until the last of them is closed.
@safe final class SocketCounter {
    private(set) var openCount = 0 {
        didSet { changed?() }
    }
    var changed: (() -> Void)?

    /// Has the sockets counted that a transfer opens, and those that it closes for itself or others.
    func count(on easy: UnsafeMutableRawPointer) {
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, this)
        unsafe ccurl_set_open_socket_callback(easy, openSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, this)
        unsafe ccurl_set_close_socket_callback(easy, closeSocket)
    }

    fileprivate func opened() { openCount += 1 }
    fileprivate func closed() { openCount -= 1 }
}

private func openSocket(
    counter: UnsafeMutableRawPointer?, _: curlsocktype, address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let counter = unsafe counter, let address = unsafe address else { return -1 }
    let socket = unsafe ccurl_open_socket(address)
    if socket >= 0 { unsafe Unmanaged<SocketCounter>.fromOpaque(counter).takeUnretainedValue().opened() }
    return socket
}

private func closeSocket(counter: UnsafeMutableRawPointer?, socket: curl_socket_t) -> Int32 {
    if let counter = unsafe counter {
        unsafe Unmanaged<SocketCounter>.fromOpaque(counter).takeUnretainedValue().closed()
    }
    return ccurl_close_socket(socket)
}
