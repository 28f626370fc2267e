internal import CCurl

/// One whole libcurl transfer after the other, from the connection to the answer's last byte.
@safe final class Transfer {
    private static let headerBytesMax = 65_536

    let handle: CurlHandle

    private var headers: UnsafeMutablePointer<curl_slist>?
    private var answerHeaders = AnswerHeaders()
    private var body: [UInt8] = []
    private var answerBytesMax = 0

    private var easy: UnsafeMutableRawPointer { unsafe handle.easy }

    init(_ handle: CurlHandle) {
        self.handle = handle
    }

    deinit {
        unsafe curl_slist_free_all(headers)
    }

    func prepare(_ request: WireRequest) {
        body.removeAll(keepingCapacity: true)
        answerHeaders = AnswerHeaders()
        answerBytesMax = request.answerBytesMax
        handle.reset(url: request.url, connectTimeout: request.connectTimeout)
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, this)
        unsafe ccurl_set_write_callback(easy, bodyArrived)
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, this)
        unsafe ccurl_set_header_callback(easy, headerArrived)
        unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        unsafe ccurl_set_long(easy, CURLOPT_MAXFILESIZE, answerBytesMax)
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

    func result(of ending: CurlHandle.Ending) -> Result<Answer, CallFailure> {
        switch ending {
        case .overdue: .failure(.timeout)
        case .done: .success(answer())
        // What is announced too long, and what turned out to be.
        case .failed(CURLE_FILESIZE_EXCEEDED), .failed(CURLE_WRITE_ERROR): .failure(.answerTooLarge)
        case .failed(let code): .failure(handle.failure(code))
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
            answerHeaders = AnswerHeaders()
            return line.count
        }
        guard answerHeaders.byteCount + line.count <= Self.headerBytesMax else { return 0 }
        answerHeaders.append(line: unsafe Array(line))
        return line.count
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
