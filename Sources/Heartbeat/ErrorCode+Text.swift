extension ErrorCode {
    /// What happened: the `detail` of a problem that knows no better.
    package var explanation: String {
        switch self {
        case .malformedRequest: "The bytes received are not a well-formed HTTP/1.1 request."
        case .requestTimeout: "The request did not arrive completely in time."
        case .lengthRequired: "The request has neither Content-Length nor Transfer-Encoding."
        case .contentTooLarge: "The body is larger than any heartbeat can be."
        case .uriTooLong: "The request line is too long."
        case .expectationFailed: "The Expect field asks for something other than 100-continue."
        case .requestHeaderFieldsTooLarge: "The header section is too large, or has too many fields."
        case .notImplemented: "The method or the transfer coding is unknown."
        case .httpVersionNotSupported: "The message is neither HTTP/1.1 nor HTTP/1.0."

        case .invalidRequest: "The path, the JSON or a limit is not right."
        case .unauthenticated: "The call carries no credentials, or none that are accepted."
        case .forbidden: "The caller is known, but not allowed to make this call."
        case .notFound: "There is nothing under this path."
        case .methodNotAllowed: "The path exists, but not for this method."
        case .notAcceptable: "The answer is application/json, which the Accept field excludes."
        case .unsupportedMediaType: "The body's media type or content coding is not supported."
        case .rateLimited: "The caller's own rate limit is used up."

        case .invalidTaskToken: "SWF does not accept the task token."
        case .unknownTask: "SWF knows no open task with this token: it is closed, timed out, or never was."
        case .operationNotPermitted: "SWF does not permit a heartbeat on this task."
        case .upstreamAccessDenied: "AWS denies the service the right to record heartbeats."

        case .upstreamThrottled: "SWF's limit on the rate of heartbeats in this account and region is used up."
        case .upstreamCredentials: "AWS does not accept the service's key."
        case .upstreamSignature: "AWS does not accept the service's signature."
        case .upstreamClockSkew: "AWS finds the service's clock too far off, even after a correction."
        case .upstreamError: "SWF failed on its side."
        case .upstreamProtocol: "SWF answered with something that is no answer to a heartbeat."
        case .upstreamMalformed: "SWF's answer could not be read."
        case .upstreamUnreachable: "There was no connection to SWF."
        case .upstreamUnavailable: "SWF is temporarily unavailable."
        case .upstreamCredentialsUnavailable: "The service has no AWS credentials now, or they are expired."
        case .upstreamTimeout: "SWF did not answer within the deadline; the heartbeat may or may not be recorded."

        case .internalError: "The service has a defect."
        case .overloaded: "The service has as much to do as it can take."
        case .draining: "This instance is shutting down."
        case .auditUnavailable: "The call's audit record could not be stored, so its result is withheld."
        }
    }

    /// What its reader can do about it.
    package var advice: String {
        switch self {
        case .malformedRequest: "Check the client, and any proxy on the way."
        case .requestTimeout: "Send it again, on a new connection."
        case .lengthRequired: "Send Content-Length: 0 where there is no body."
        case .contentTooLarge: "Shorten it: details may have 2048 characters."
        case .uriTooLong: "A task token has at most 1024 characters, and a query string is ignored: leave it out."
        case .expectationFailed: "Leave the Expect field out."
        case .requestHeaderFieldsTooLarge: "Send fewer or shorter header fields."
        case .notImplemented: "Use POST, and no transfer coding other than chunked."
        case .httpVersionNotSupported: "Use HTTP/1.1."

        case .invalidRequest: "The problem's detail says what to change."
        case .unauthenticated: "Send Authorization: Bearer with a valid key."
        case .forbidden: "Ask the operator for the permission."
        case .notFound: "A heartbeat is POST /tasks/{taskToken}/heartbeat."
        case .methodNotAllowed: "Use a method that the Allow field lists."
        case .notAcceptable: "Accept application/json."
        case .unsupportedMediaType: "Send application/json without a Content-Encoding."
        case .rateLimited: "Wait as long as Retry-After says, then send fewer calls."

        case .invalidTaskToken: "Send the token exactly as the poll for the task returned it."
        case .unknownTask: "Stop working on the task: its result would be refused too."
        case .operationNotPermitted: "Check that the task belongs to the account and region that the service uses."
        case .upstreamAccessDenied: "The operator allows swf:RecordActivityTaskHeartbeat in the service's IAM policy."

        case .upstreamThrottled: "Wait as long as Retry-After says; if it lasts, send heartbeats less often."
        case .upstreamCredentials: "The operator checks the service's AWS credentials."
        case .upstreamSignature: "The operator checks the secret access key, and proxies between the service and AWS."
        case .upstreamClockSkew: "The operator sets the clock of the service's machine."
        case .upstreamError: "Send the heartbeat again: recording it twice does no harm."
        case .upstreamProtocol: "The operator checks endpoint and region; the audit row names the fault."
        case .upstreamMalformed: "Send the heartbeat again. If it lasts, the operator checks the endpoint."
        case .upstreamUnreachable: "Send the heartbeat again. If it lasts, the operator checks DNS, network and TLS."
        case .upstreamUnavailable: "Wait as long as Retry-After says, then send the heartbeat again."
        case .upstreamCredentialsUnavailable:
            "Send the heartbeat again. If it lasts, the operator checks where the credentials come from."
        case .upstreamTimeout: "Send the heartbeat again: recording it twice does no harm."

        case .internalError: "Report it to the operator with the request id."
        case .overloaded: "Wait as long as Retry-After says, then send the heartbeat again."
        case .draining: "Send the heartbeat again, on a new connection."
        case .auditUnavailable: "Send the heartbeat again: recording it twice does no harm."
        }
    }
}
