package import HTTP
internal import JSON

/// A refusal as the caller sees it (RFC 9457), and as the domain throws it.
package struct Problem: Error, Sendable {
    package let code: ErrorCode
    /// What happened this time, in terms of the caller's input, and never a secret.
    package let detail: String
    /// Seconds, at least 1, before chance lengthens them; only on codes that carry `Retry-After`.
    package let retryAfter: Int?
    /// What this code says in the header, besides what every problem does.
    private var fields: [(name: String, value: String)] = []

    /// - Parameters:
    ///   - detail: nil: the code's own explanation.
    ///   - retryAfter: seconds, where something better than the code's default is known; below 1 is taken as 1.
    package init(_ code: ErrorCode, _ detail: String? = nil, retryAfter: Int? = nil) {
        self.code = code
        self.detail = detail ?? code.explanation
        self.retryAfter = code.retryAfterDefault.map { max(1, retryAfter ?? $0) }
    }

    /// - Parameter credentialsPresented: the error code belongs only into an answer to credentials (RFC 6750 §3.1).
    package static func unauthenticated(credentialsPresented: Bool) -> Problem {
        var problem = Problem(.unauthenticated)
        let error = credentialsPresented ? ", error=\"invalid_token\"" : ""
        problem.fields = [("WWW-Authenticate", "Bearer realm=\"heartbeat-facade\"" + error)]
        return problem
    }

    package static func missing(_ scope: Scope) -> Problem {
        Problem(.forbidden, "The caller lacks the scope \(scope.rawValue).")
    }

    static let outsideNetworks = Problem(
        .forbidden, "The caller's key is not valid at the address that the request came from.")

    static let keysUnknown = Problem(
        .auditUnavailable,
        "The API keys could not be read from the database yet: whether this one is good is not known."
    )

    static let taskOfAnother = Problem(.forbidden, "The task belongs to the caller that first sent its heartbeat.")

    package static func methodNotAllowed(allow methods: [Method]) -> Problem {
        let allow = methods.map(\.rawValue).joined(separator: ", ")
        var problem = Problem(.methodNotAllowed, "This path has only \(allow).")
        problem.fields = [("Allow", allow)]
        return problem
    }

    /// The codings are named as RFC 9110 §12.5.3 asks for.
    package static func unsupportedContentEncoding() -> Problem {
        var problem = Problem(.unsupportedMediaType, "Send the body without a Content-Encoding.")
        problem.fields = [("Accept-Encoding", "identity")]
        return problem
    }

    /// - Parameters:
    ///   - upstreamRequestID: SWF's `x-amzn-RequestId`, where it answered.
    ///   - random: any 64 bits, for `Retry-After`.
    package func response(requestID: String, upstreamRequestID: String? = nil, random: UInt64) -> Response {
        var response = Response(
            status: code.status, upstreamRequestID: upstreamRequestID, requestID: requestID,
            contentType: "application/problem+json", body: Array(json(requestID, upstreamRequestID).utf8))
        if let retryAfter {
            let seconds = RetryAfter.seconds(.seconds(retryAfter), random: random)
            response.fields.append(("Retry-After", String(seconds)))
        }
        response.fields += fields
        return response
    }

    private func json(_ requestID: String, _ upstreamRequestID: String?) -> String {
        var json = "{\"type\":\(JSON.quoted(code.path)),\"title\":\(JSON.quoted(code.title))"
        json += ",\"status\":\(code.status),\"detail\":\(JSON.quoted(detail))"
        json += ",\"code\":\(JSON.quoted(code.rawValue)),\"retryable\":\(code.isRetryable)"
        json += ",\"requestId\":\(JSON.quoted(requestID))"
        if let upstreamRequestID { json += ",\"upstreamRequestId\":\(JSON.quoted(upstreamRequestID))" }
        return json + "}"
    }
}
