internal import CCurl
internal import EventLoop

/// One libcurl transfer after the other.
@safe final class Transfer {
    private static let headerBytesMax = 65_536

    enum Ending: Sendable {
        /// libcurl's word on how it went.
        case ended(CURLcode)
        /// The deadline passed.
        case overdue
    }

    let easy: UnsafeMutableRawPointer
    /// Takes the transfer away from libcurl. Its owner cancels it.
    var deadline: LoopTimer?
    var suspension: Suspension<Ending>?

    private let trust: Trust
    private let sockets: SocketCounter
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var answerHeaders = AnswerHeaders()
    private var body: [UInt8] = []
    private var answerBytesMax = 0
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(trust: Trust, sockets: SocketCounter) {
        self.trust = trust
        self.sockets = sockets
        guard let easy = unsafe curl_easy_init() else { fatalError("libcurl: no memory") }
        unsafe self.easy = unsafe easy
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
        unsafe errorText.deallocate()
    }

    /// The transfer that an easy handle belongs to.
    static func of(_ easy: UnsafeMutableRawPointer?) -> Transfer? {
        var this: UnsafeMutableRawPointer?
        unsafe ccurl_get_pointer(easy, CURLINFO_PRIVATE, &this)
        return unsafe this.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    func prepare(_ request: WireRequest) {
        body.removeAll(keepingCapacity: true)
        answerHeaders.removeAll()
        unsafe errorText[0] = 0
        // Without it libcurl would count how often it met a dead connection over all requests, and give up at six.
        unsafe curl_easy_reset(easy)
        setOptions()
        setTrust()
        answerBytesMax = request.answerBytesMax
        unsafe ccurl_set_long(easy, CURLOPT_MAXFILESIZE, answerBytesMax)
        unsafe ccurl_set_string(easy, CURLOPT_URL, request.url)
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, request.needsNewConnection ? 1 : 0)
        if !request.usesProxy { unsafe ccurl_set_string(easy, CURLOPT_PROXY, "") }
        setHeaders(request.headers)
        setBody(of: request)
    }

    private func setBody(of request: WireRequest) {
        guard request.method != .get else {
            unsafe ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
            return
        }
        unsafe ccurl_set_long(easy, CURLOPT_POST, 1)
        if request.method != .post { unsafe ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        unsafe ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, request.body.count)
        unsafe request.body.withUnsafeBytes { bytes in
            // libcurl takes a copy, of as many bytes as it has just been told.
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            _ = unsafe ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, start)
        }
    }

    /// What is the same in all requests.
    private func setOptions() {
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_PRIVATE, this)
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, this)
        unsafe ccurl_set_write_callback(easy, bodyArrived)
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        unsafe sockets.count(on: easy)
        unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, this)
        unsafe ccurl_set_header_callback(easy, headerArrived)
        unsafe ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        unsafe ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        // A look-up that is given up goes on alone: libcurl would block the loop until its thread has ended.
        unsafe ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
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

    /// Wakes whoever waits for the transfer, which libcurl has no more.
    func finish(_ ending: Ending) {
        deadline?.clear()
        suspension?.resume(returning: ending)
        suspension = nil
    }

    func result(of ending: Ending) -> Result<Answer, CallFailure> {
        switch ending {
        case .overdue: .failure(.timeout)
        case .ended(CURLE_OK): .success(answer())
        // What is announced too long, and what turned out to be.
        case .ended(CURLE_FILESIZE_EXCEEDED), .ended(CURLE_WRITE_ERROR): .failure(.answerTooLarge)
        case .ended(CURLE_PEER_FAILED_VERIFICATION), .ended(CURLE_SSL_CACERT_BADFILE), .ended(CURLE_SSL_ISSUER_ERROR):
            .failure(.untrusted(description(of: CURLE_PEER_FAILED_VERIFICATION)))
        case .ended(let code): .failure(.unreachable(description(of: code)))
        }
    }

    /// The body is bounded: what would be too long ends the transfer.
    fileprivate func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= answerBytesMax else { return 0 }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }

    /// Of the last answer only: an interim one (RFC 9110 §15.2) comes before it.
    fileprivate func appendHeader(_ line: UnsafeRawBufferPointer) -> Int {
        if unsafe line.starts(with: "HTTP/".utf8) {
            answerHeaders.removeAll()
            return line.count
        }
        guard answerHeaders.byteCount + line.count <= Self.headerBytesMax else { return 0 }
        unsafe answerHeaders.append(line)
        return line.count
    }

    private func description(of code: CURLcode) -> String {
        unsafe errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    }

    private func answer() -> Answer {
        var status = 0
        unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return Answer(status: status, headers: answerHeaders, body: body)
    }

    private func setHeaders(_ lines: [(name: String, value: String)]) {
        unsafe curl_slist_free_all(headers)
        unsafe headers = nil
        for (name, value) in lines {
            // A name and a colon alone would take the header out.
            unsafe headers = curl_slist_append(headers, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // Two that libcurl would add, and that nobody signed.
        unsafe headers = curl_slist_append(headers, "Accept:")
        unsafe headers = curl_slist_append(headers, "Expect:")
        unsafe ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, headers)
    }
}

private func bodyArrived(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, transfer: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes = unsafe bytes, let transfer = unsafe transfer else { return 0 }
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Unmanaged<Transfer>.fromOpaque(transfer).takeUnretainedValue().append(piece)
}

private func headerArrived(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, transfer: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes = unsafe bytes, let transfer = unsafe transfer else { return 0 }
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Unmanaged<Transfer>.fromOpaque(transfer).takeUnretainedValue().appendHeader(line)
}

extension Duration {
    /// Rounded up: what is positive stays so.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
