/// Why an attempt may be followed by another one. What has no cause here is final.
package enum RetryCause: Sendable, Equatable {
    /// The service asks for fewer calls.
    case throttling
    /// The service failed, and may not fail the next time.
    case serviceFailure
    /// No connection, one that broke, or no answer in the attempt's time.
    case connection
    /// The service does not take the credentials: others may have taken their place.
    case credentials
    /// The service does not take the signature or its time: the clocks may differ.
    case clock
    /// A 200 that is no answer.
    case malformed

    /// - Returns: nil where a second attempt would come to the same.
    package init?(_ failure: CallFailure) {
        switch failure {
        case .timeout, .unreachable: self = .connection
        case .malformed: self = .malformed
        case .fault(let fault):
            guard let cause = Self(fault) else { return nil }
            self = cause
        case .untrusted, .answerTooLarge, .credentialsUnavailable: return nil
        }
    }

    /// The type's name decides; the status only where the name is none of these.
    private init?(_ fault: Fault) {
        if let type = fault.type, let cause = Self.byFaultType[type] {
            self = cause
            return
        }
        switch fault.status {
        // 509 is "bandwidth limit exceeded".
        case 429, 509: self = .throttling
        case 500, 502, 503, 504: self = .serviceFailure
        default: return nil
        }
    }

    private static let byFaultType: [String: RetryCause] = {
        var table: [String: RetryCause] = [:]
        for (cause, types) in faultTypes {
            for type in types { table[type] = cause }
        }
        return table
    }()

    /// The names under which AWS services throttle are those of the SDKs' standard retry mode.
    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    private static let faultTypes: [(RetryCause, [String])] = [
        (
            .throttling,
            [
                "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
                "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
                "BandwidthLimitExceeded", "LimitExceededException", "ProvisionedThroughputExceededException",
                "TransactionInProgressException", "PriorRequestNotComplete", "EC2ThrottledException", "SlowDown",
            ]
        ),
        (
            .serviceFailure,
            [
                "InternalFailure", "InternalServerError", "InternalError", "ServiceUnavailable",
                "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException",
            ]
        ),
        (
            .credentials,
            ["ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"]
        ),
        (
            .clock,
            [
                "RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture", "InvalidSignatureException",
                "InvalidSignature", "SignatureDoesNotMatch",
            ]
        ),
    ]
}
