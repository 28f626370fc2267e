/// Who has to change something before a call like it succeeds.
package enum Responsible: String, Sendable, CaseIterable {
    case caller
    case service
    case swf
    case nobody

    /// For people: whose fault it is.
    package var explanation: String {
        switch self {
        case .caller: "The caller's: what it sends, or how often, has to change."
        case .service: "This service's: its operator has to look at it. The caller need not change anything."
        case .swf: "SWF's, or that of the network on the way to it. Neither the caller nor this service did wrong."
        case .nobody: "Nobody's: this happens in normal operation."
        }
    }
}

extension ErrorCode {
    package var responsible: Responsible {
        switch self {
        case .malformedRequest, .requestTimeout, .lengthRequired, .contentTooLarge, .uriTooLong, .expectationFailed,
            .requestHeaderFieldsTooLarge, .notImplemented, .httpVersionNotSupported,
            .invalidRequest, .unauthenticated, .forbidden, .notFound, .methodNotAllowed, .notAcceptable,
            .unsupportedMediaType, .rateLimited, .invalidTaskToken, .operationNotPermitted:
            .caller
        case .upstreamAccessDenied, .upstreamCredentials, .upstreamSignature, .upstreamClockSkew, .upstreamProtocol,
            .upstreamCredentialsUnavailable, .internalError, .auditUnavailable:
            .service
        case .upstreamError, .upstreamMalformed, .upstreamUnreachable, .upstreamUnavailable, .upstreamTimeout:
            .swf
        case .unknownTask, .upstreamThrottled, .overloaded, .draining:
            .nobody
        }
    }

    /// For people: whether to send the same request again.
    package var retryAdvice: String {
        switch (isRetryable, retryAfterDefault) {
        case (false, _): "No: the same request fails again as long as nothing else has changed."
        case (true, nil): "Yes, at once."
        case (true, _?): "Yes, after the seconds that the Retry-After field says."
        }
    }
}
