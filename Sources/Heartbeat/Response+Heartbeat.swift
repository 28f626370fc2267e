import HTTP

extension Response {
    private static let cancelRequested = Array("{\"cancelRequested\":true}".utf8)
    private static let cancelNotRequested = Array("{\"cancelRequested\":false}".utf8)

    /// How many fields an answer to a heartbeat has at most, as a rule.
    private static let fieldsUsual = 8

    /// The answer to a heartbeat that SWF has recorded.
    init(cancelRequested: Bool, upstreamRequestID: String?, requestID: String) {
        self.init(
            status: 200, upstreamRequestID: upstreamRequestID, requestID: requestID, contentType: "application/json",
            body: cancelRequested ? Self.cancelRequested : Self.cancelNotRequested)
    }

    /// An answer that is true only now, and for this caller.
    init(status: Int, upstreamRequestID: String?, requestID: String, contentType: String, body: [UInt8]) {
        self.init(status: status, requestID: requestID, contentType: contentType, body: body)
        fields.append(("Cache-Control", "no-store"))
        if let upstreamRequestID { fields.append(("X-Amzn-RequestId", upstreamRequestID)) }
    }

    /// A browser is not to guess at another type than the one that is said.
    init(status: Int, requestID: String, contentType: String, body: [UInt8]) {
        self.init(status: status, body: body)
        fields.reserveCapacity(Self.fieldsUsual)
        fields.append(("Content-Type", contentType))
        fields.append(("X-Content-Type-Options", "nosniff"))
        fields.append(("X-Request-Id", requestID))
    }
}
