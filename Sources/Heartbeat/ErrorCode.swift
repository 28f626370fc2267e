/// Everything that can be wrong with a call, by the code that callers match on: the only source of each
/// code's status, title and retry policy. A code is a promise and never changes its meaning.
package enum ErrorCode: String, Sendable, Hashable, CaseIterable {
    // The HTTP message itself; named after the reason phrase.
    case malformedRequest = "malformed_request"
    case requestTimeout = "request_timeout"
    case lengthRequired = "length_required"
    case contentTooLarge = "content_too_large"
    case uriTooLong = "uri_too_long"
    case expectationFailed = "expectation_failed"
    case requestHeaderFieldsTooLarge = "request_header_fields_too_large"
    case notImplemented = "not_implemented"
    case httpVersionNotSupported = "http_version_not_supported"

    // The call.
    case invalidRequest = "invalid_request"
    case unauthenticated
    case forbidden
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case notAcceptable = "not_acceptable"
    case unsupportedMediaType = "unsupported_media_type"
    case rateLimited = "rate_limited"

    // SWF's verdict on the call.
    case invalidTaskToken = "invalid_task_token"
    case unknownTask = "unknown_task"
    case operationNotPermitted = "operation_not_permitted"
    case upstreamAccessDenied = "upstream_access_denied"

    // Between the service and SWF.
    case upstreamThrottled = "upstream_throttled"
    case upstreamCredentials = "upstream_credentials"
    case upstreamSignature = "upstream_signature"
    case upstreamClockSkew = "upstream_clock_skew"
    case upstreamError = "upstream_error"
    case upstreamProtocol = "upstream_protocol"
    case upstreamMalformed = "upstream_malformed"
    case upstreamUnreachable = "upstream_unreachable"
    case upstreamUnavailable = "upstream_unavailable"
    case upstreamCredentialsUnavailable = "upstream_credentials_unavailable"
    case upstreamTimeout = "upstream_timeout"

    // The service itself.
    case internalError = "internal_error"
    case overloaded
    case draining
    case auditUnavailable = "audit_unavailable"
}

extension ErrorCode {
    /// The HTTP status it is answered with.
    package var status: Int { facts.status }

    /// RFC 9457 §3.1.3: the same for every occurrence.
    package var title: String { facts.title }

    /// Seconds, at least 1, for `Retry-After` where nothing better is known; nil on a code that carries none.
    ///
    /// Short, because the time that passes counts against the task's heartbeat timeout; longer where
    /// nothing can have changed after one second.
    package var retryAfterDefault: Int? { facts.retryAfter }

    /// Whether the very same call may succeed later. All that carry `Retry-After` may, and so may a request that
    /// came in too slowly: there is nothing to wait for.
    package var isRetryable: Bool { facts.retryAfter != nil || self == .requestTimeout }

    /// The reference in a problem's `type`, which the service answers with a page.
    package var path: String { Self.pathPrefix + rawValue }

    package static let pathPrefix = "/problems/"

    private struct Facts {
        var status: Int
        var title: String
        var retryAfter: Int?

        init(_ status: Int, _ title: String, retryAfter: Int? = nil) {
            self.status = status
            self.title = title
            self.retryAfter = retryAfter
        }
    }

    private var facts: Facts {
        switch self {
        case .malformedRequest: Facts(400, "Malformed HTTP request")
        case .requestTimeout: Facts(408, "Request not received in time")
        case .lengthRequired: Facts(411, "Length required")
        case .contentTooLarge: Facts(413, "Content too large")
        case .uriTooLong: Facts(414, "URI too long")
        case .expectationFailed: Facts(417, "Expectation failed")
        case .requestHeaderFieldsTooLarge: Facts(431, "Request header fields too large")
        case .notImplemented: Facts(501, "Not implemented")
        case .httpVersionNotSupported: Facts(505, "HTTP version not supported")

        case .invalidRequest: Facts(400, "Invalid request")
        case .unauthenticated: Facts(401, "Not authenticated")
        case .forbidden: Facts(403, "Forbidden")
        case .notFound: Facts(404, "No such resource")
        case .methodNotAllowed: Facts(405, "Method not allowed")
        case .notAcceptable: Facts(406, "Not acceptable")
        case .unsupportedMediaType: Facts(415, "Unsupported media type")
        case .rateLimited: Facts(429, "Rate limit exceeded", retryAfter: 1)

        case .invalidTaskToken: Facts(400, "Invalid task token")
        case .unknownTask: Facts(404, "Unknown task")
        case .operationNotPermitted: Facts(403, "Operation not permitted")
        case .upstreamAccessDenied: Facts(403, "Access denied by AWS")

        case .upstreamThrottled: Facts(429, "Throttled by SWF", retryAfter: 2)
        case .upstreamCredentials: Facts(502, "AWS credentials refused")
        case .upstreamSignature: Facts(502, "AWS signature refused")
        case .upstreamClockSkew: Facts(502, "Clock skew")
        case .upstreamError: Facts(502, "SWF failed", retryAfter: 1)
        case .upstreamProtocol: Facts(502, "Unexpected answer from SWF")
        case .upstreamMalformed: Facts(502, "Malformed answer from SWF", retryAfter: 1)
        case .upstreamUnreachable: Facts(502, "SWF unreachable", retryAfter: 2)
        case .upstreamUnavailable: Facts(503, "SWF unavailable", retryAfter: 2)
        case .upstreamCredentialsUnavailable: Facts(503, "No AWS credentials", retryAfter: 5)
        case .upstreamTimeout: Facts(504, "SWF did not answer in time", retryAfter: 1)

        case .internalError: Facts(500, "Internal error")
        case .overloaded: Facts(503, "Overloaded", retryAfter: 1)
        case .draining: Facts(503, "Shutting down", retryAfter: 1)
        case .auditUnavailable: Facts(503, "Audit log unavailable", retryAfter: 2)
        }
    }
}
