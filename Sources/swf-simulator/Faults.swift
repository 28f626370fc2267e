extension Fault {
    static let unknownOperation = Fault(
        "unknown-operation", .framework, "UnknownOperationException", message: nil)

    static func serialization(_ message: String) -> Fault {
        Fault("serialization", .swf, "SerializationException", message: message)
    }

    /// - Parameter faults: `Value … at '…' failed to satisfy constraint: …`, at least one.
    static func validation(_ faults: [String]) -> Fault {
        let noun = faults.count == 1 ? "error" : "errors"
        return Fault(
            "validation", .validation, "ValidationException",
            message: "\(faults.count) validation \(noun) detected: \(faults.joined(separator: "; "))")
    }

    static let unknownActivity = Fault(
        "unknown", .swf, "UnknownResourceFault", message: "Unknown activity, scheduledEventId = 5")

    static let rateExceeded = Fault("throttle", .availability, "ThrottlingException", message: "Rate exceeded")

    static let unrecognizedClient = Fault(
        "unrecognized-client", .framework, "UnrecognizedClientException",
        message: "The security token included in the request is invalid.")

    static let missingAuthentication = Fault(
        "missing-authentication", .framework, "MissingAuthenticationTokenException",
        message: "Missing Authentication Token")

    static let incompleteSignature = Fault(
        "incomplete-signature", .framework, "IncompleteSignatureException",
        message: "The request signature does not conform to AWS standards.")

    static func invalidSignature(_ kind: String = "bad-signature", message: String) -> Fault {
        Fault(kind, .framework, "InvalidSignatureException", message: message)
    }

    static let wrongSignature = invalidSignature(
        message: """
            The request signature we calculated does not match the signature you provided. Check your AWS Secret \
            Access Key and signing method. Consult the service documentation for details.
            """)

    static let requestExpired = Fault(
        "request-expired", .framework, "RequestExpired", message: "Request has expired")

    static let requestTimeTooSkewed = Fault(
        "too-skewed", .framework, "RequestTimeTooSkewed", status: 403,
        message: "The difference between the request time and the current time is too large.")

    static func signatureExpired(signedAt: String, now: String, earliest: String) -> Fault {
        invalidSignature(
            "skew", message: "Signature expired: \(signedAt) is now earlier than \(earliest) (\(now) - 5 min.)")
    }

    static func signatureNotYetCurrent(signedAt: String, now: String, latest: String) -> Fault {
        invalidSignature(
            "skew-ahead",
            message: "Signature not yet current: \(signedAt) is still later than \(latest) (\(now) + 5 min.)")
    }
}
