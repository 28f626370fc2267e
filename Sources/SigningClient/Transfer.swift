internal import CCurl
internal import EventLoop

/// One libcurl transfer after the other.
@safe final class Transfer {
    /// Name resolution, TCP and TLS together.
    private static let connectTimeoutMilliseconds = 1000
    private static let answerBytesMax = 65_536
    private static let requestIDBytesMax = 128

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

    private var headers: UnsafeMutablePointer<curl_slist>?
    private var body: [UInt8] = []
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init() {
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
        unsafe errorText[0] = 0
        // Without it libcurl would count how often it met a dead connection over all requests, and give up at six.
        unsafe curl_easy_reset(easy)
        setOptions()
        unsafe ccurl_set_string(easy, CURLOPT_URL, request.url)
        setHeaders(request.headers)
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
        unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        unsafe ccurl_set_long(easy, CURLOPT_POST, 1)
        unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        unsafe ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Self.connectTimeoutMilliseconds)
        unsafe ccurl_set_long(easy, CURLOPT_MAXFILESIZE, Self.answerBytesMax)
        // A look-up that is given up goes on alone: libcurl would block the loop until its thread has ended.
        unsafe ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
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
        case .ended(let code): .failure(.unreachable(description(of: code)))
        }
    }

    /// The body is bounded: what would be too long ends the transfer.
    fileprivate func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= Self.answerBytesMax else { return 0 }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }

    private func description(of code: CURLcode) -> String {
        unsafe errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    }

    private func answer() -> Answer {
        var status = 0
        unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return Answer(
            status: status, requestID: header("x-amzn-RequestId").flatMap { Self.isIdentifier($0) ? $0 : nil },
            errorType: header("x-amzn-ErrorType"), body: body)
    }

    /// What goes into our own answers' headers, rows and logs is short and visible.
    private static func isIdentifier(_ text: String) -> Bool {
        (1...requestIDBytesMax).contains(text.utf8.count) && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }

    private func header(_ name: String) -> String? {
        var header: UnsafeMutablePointer<curl_header>?
        guard unsafe curl_easy_header(easy, name, 0, UInt32(CURLH_HEADER), -1, &header) == CURLHE_OK,
            let header = unsafe header
        else { return nil }
        return unsafe String(cString: header.pointee.value)
    }

    private func setHeaders(_ lines: [(name: String, value: String)]) {
        unsafe curl_slist_free_all(headers)
        unsafe headers = nil
        for (name, value) in lines {
            unsafe headers = curl_slist_append(headers, "\(name): \(value)")
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
