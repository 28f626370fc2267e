import SigningClient

/// What boto3 does with a call that failed unless it is told otherwise: botocore's retry mode `legacy`, up to 5
/// attempts, with pauses by chance of up to 1, 2, 4 and 8 seconds.
package enum LegacyRetries {
    private static let attemptsMax = 5
    private static let types: Set = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "ProvisionedThroughputExceededException",
    ]
    private static let statuses: Set = [429, 500, 502, 503, 504, 509]

    /// - Parameters:
    ///   - attempts: how many were made.
    ///   - random: 0 to 1.
    /// - Returns: after which pause the next one follows; nil: none does.
    package static func pause(after failure: CallFailure, attempts: Int, random: Double) -> Duration? {
        guard attempts < attemptsMax, isRetried(failure) else { return nil }
        return .seconds(random * Double(1 << (attempts - 1)))
    }

    private static func isRetried(_ failure: CallFailure) -> Bool {
        switch failure {
        case .fault(let fault):
            statuses.contains(fault.status) || fault.status == 400 && fault.type.map(types.contains) ?? false
        case .unreachable, .timeout: true
        case .untrusted, .answerTooLarge, .malformed, .credentialsUnavailable: false
        }
    }
}
