import HTTP

extension Response {
    /// An answer that is true only now, and for this caller.
    init(status: Int, upstreamRequestID: String?, requestID: String, contentType: String, body: String) {
        self.init(status: status, requestID: requestID, contentType: contentType, body: Array(body.utf8))
        fields.append(("Cache-Control", "no-store"))
        if let upstreamRequestID { fields.append(("X-Amzn-RequestId", upstreamRequestID)) }
    }

    /// A browser is not to guess at another type than the one that is said.
    init(status: Int, requestID: String, contentType: String, body: [UInt8]) {
        self.init(
            status: status,
            fields: [
                ("Content-Type", contentType), ("X-Content-Type-Options", "nosniff"), ("X-Request-Id", requestID),
            ], body: body)
    }
}
