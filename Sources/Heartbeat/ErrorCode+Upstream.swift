extension ErrorCode {
    /// The code that a failed relay is answered with.
    package init(_ failure: UpstreamFailure) {
        self =
            switch failure {
            case .fault(let type, let status): Self.ofFault(type: type, status: status)
            case .malformed: .upstreamMalformed
            case .unreachable: .upstreamUnreachable
            case .timeout: .upstreamTimeout
            case .credentialsUnavailable: .upstreamCredentialsUnavailable
            case .rateUsedUp: .upstreamThrottled
            case .overloaded: .overloaded
            case .circuitOpen: .upstreamUnavailable
            }
    }

    /// The type's name decides; the status only where there is none, or none that is known. Message texts never do:
    /// AWS changes them at will.
    private static func ofFault(type: String?, status: Int) -> ErrorCode {
        if let type, let code = byFaultType[type] { return code }
        return switch status {
        // 509 is "bandwidth limit exceeded", which the SDKs take as throttling.
        case 429, 509: .upstreamThrottled
        case 500...599: .upstreamError
        default: .upstreamProtocol
        }
    }

    /// Those of SWF's faults that come to this code.
    package var faultTypes: [String] {
        Self.faultTypes.first { $0.code == self }?.types ?? []
    }

    /// SWF's own faults, the common errors of its API reference, and the names under which AWS services throttle.
    private static let byFaultType: [String: ErrorCode] = {
        var table: [String: ErrorCode] = [:]
        for (code, types) in faultTypes {
            for type in types { table[type] = code }
        }
        return table
    }()

    private static let faultTypes: [(code: ErrorCode, types: [String])] = [
        (.unknownTask, ["UnknownResourceFault"]),
        (.operationNotPermitted, ["OperationNotPermittedFault"]),
        // `details` is checked before it is sent, so that the token is all that SWF can find fault with.
        (.invalidTaskToken, ["ValidationException", "ValidationError"]),
        (.upstreamAccessDenied, ["AccessDeniedException", "AccessDenied", "NotAuthorized"]),
        (
            .upstreamThrottled,
            [
                "LimitExceededFault", "ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled",
                "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
                "LimitExceededException", "BandwidthLimitExceeded", "ProvisionedThroughputExceededException",
                "TransactionInProgressException", "PriorRequestNotComplete", "EC2ThrottledException", "SlowDown",
            ]
        ),
        (
            .upstreamCredentials,
            [
                "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken",
                "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException",
                "OptInRequired",
            ]
        ),
        // Whoever signs has tried fresh ones by now: there are none to be had.
        (.upstreamCredentialsUnavailable, ["ExpiredToken", "ExpiredTokenException"]),
        (.upstreamSignature, ["SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature"]),
        (.upstreamClockSkew, ["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"]),
        (.upstreamUnavailable, ["ServiceUnavailable", "ServiceUnavailableException"]),
        (.upstreamError, ["InternalFailure", "InternalServerError"]),
        (.upstreamProtocol, ["UnknownOperationException"]),
        // SWF could not read what was sent, and all that was sent is of our making.
        (.internalError, ["SerializationException"]),
    ]
}
