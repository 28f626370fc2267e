internal import CCurl
internal import EventLoop

/// One of libcurl's easy handles, for one errand after the other: what is set for all of them, and what libcurl says.
@safe final class CurlHandle {
    enum Ending: Sendable {
        case done
        /// With libcurl's word on it.
        case failed(CURLcode)
        /// The deadline passed.
        case overdue
    }

    let easy: UnsafeMutableRawPointer
    /// Takes the handle away from libcurl.
    var deadline: LoopTimer?
    var suspension: Suspension<Ending>?
    /// Whether the errand is a connection, which is there for as long as libcurl has the handle.
    private(set) var isConnection = false

    private let trust: Trust
    private let sockets: SocketCounter
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(trust: Trust, sockets: SocketCounter) {
        self.trust = trust
        self.sockets = sockets
        guard let easy = unsafe curl_easy_init() else { fatalError("libcurl: no memory") }
        unsafe self.easy = unsafe easy
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        deadline?.cancel()
        unsafe curl_easy_cleanup(easy)
        unsafe errorText.deallocate()
    }

    /// The one that an easy handle belongs to.
    static func of(_ easy: UnsafeMutableRawPointer?) -> CurlHandle? {
        var this: UnsafeMutableRawPointer?
        unsafe ccurl_get_pointer(easy, CURLINFO_PRIVATE, &this)
        return unsafe this.map { unsafe Unmanaged<CurlHandle>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Forgets what was set and said before.
    func reset(url: String, connectTimeout: Duration) {
        unsafe errorText[0] = 0
        isConnection = false
        // Without it libcurl would count how often it met a dead connection over all requests, and give up at six.
        unsafe curl_easy_reset(easy)
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_PRIVATE, this)
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        unsafe sockets.count(on: easy)
        unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        unsafe ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        unsafe ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        // A look-up that is given up goes on alone: libcurl would block the loop until its thread has ended.
        unsafe ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
        unsafe ccurl_set_string(easy, CURLOPT_URL, url)
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.wholeMilliseconds)
        setTrust()
    }

    /// Has libcurl make a connection and leave it at that: name resolution, TCP, proxies, TLS.
    func connectOnly() {
        isConnection = true
        unsafe ccurl_set_long(easy, CURLOPT_CONNECT_ONLY, 1)
    }

    private func setTrust() {
        switch trust {
        case .system: break
        case .bundle(let path):
            unsafe ccurl_set_string(easy, CURLOPT_CAINFO, path)
            // Else the machine's own authorities would count beside those of the file.
            unsafe ccurl_set_pointer(easy, CURLOPT_CAPATH, nil)
        case .nothing:
            unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0)
            unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
        }
    }

    /// Wakes whoever waits for the errand.
    func finish(_ ending: Ending) {
        deadline?.clear()
        suspension?.resume(returning: ending)
        suspension = nil
    }

    /// Why there is no connection, or no answer.
    func failure(_ code: CURLcode) -> CallFailure {
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            .untrusted(description(of: CURLE_PEER_FAILED_VERIFICATION))
        default: .unreachable(description(of: code))
        }
    }

    private func description(of code: CURLcode) -> String {
        unsafe errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    }
}

extension Duration {
    /// Rounded up: what is positive stays so.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
