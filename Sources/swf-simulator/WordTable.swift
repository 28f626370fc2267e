extension Words {
    static let entries = successes + swfFaults + credentialFaults + signatureFaults + serverFaults + oddities

    private static let successes = [
        Entry("cancelRequested false", .success(kind: "ok", cancelRequested: false)),
        Entry("cancelRequested true", .success(kind: "cancel", cancelRequested: true)),
    ]

    private static let swfFaults = [
        Entry(.unknownActivity),
        Entry(Fault("not-permitted", .swf, "OperationNotPermittedFault", message: "Operation not permitted")),
        Entry(Fault("limit", .swf, "LimitExceededFault", message: "Too many open activities for this execution")),
        Entry(Fault("validation", .validation, "ValidationException", message: "Invalid token")),
        Entry(.serialization("class java.lang.Integer can not be converted to an String")),
        Entry(.rateExceeded),
        Entry(.unknownOperation),
    ]

    private static let credentialFaults = [
        Entry(
            Fault(
                "denied", .framework, "AccessDeniedException",
                message: """
                    User: arn:aws:iam::123456789012:user/worker is not authorized to perform: \
                    swf:RecordActivityTaskHeartbeat on resource: arn:aws:swf:us-east-1:123456789012:/domain/example
                    """)),
        Entry(
            Fault(
                "expired-token", .framework, "ExpiredTokenException",
                message: "The security token included in the request is expired")),
        Entry(.unrecognizedClient),
        Entry(
            Fault(
                "invalid-client-token", .framework, "InvalidClientTokenId", status: 403,
                message: "The security token included in the request is invalid")),
        Entry(.missingAuthentication),
        Entry(
            Fault(
                "opt-in", .framework, "OptInRequired", status: 403,
                message: "The AWS Access Key Id needs a subscription for the service")),
    ]

    private static let signatureFaults = [
        Entry(.incompleteSignature),
        Entry(.wrongSignature, "does not match"),
        Entry(
            Fault(
                "signature-mismatch", .framework, "SignatureDoesNotMatch", status: 403,
                message: Fault.wrongSignature.message)),
        Entry(
            .signatureExpired(signedAt: "20150830T123600Z", now: "20150830T124601Z", earliest: "20150830T124101Z"),
            "Signature expired"),
        Entry(
            .signatureNotYetCurrent(
                signedAt: "20150830T123600Z", now: "20150830T122559Z", latest: "20150830T123059Z"),
            "Signature not yet current"),
        Entry(.requestExpired),
        Entry(.requestTimeTooSkewed),
    ]

    private static let serverFaults = [
        Entry(internalFailure("internal"), "without a message"),
        Entry(
            Fault(
                "unavailable", .availability, "ServiceUnavailable", status: 503,
                message: "The request has failed due to a temporary failure of the server.")),
        Entry("no answer for 5 minutes, then as internal", hang),
        Entry("the connection closed without an answer", disconnection("reset", withheldBytes: .max)),
        Entry("the connection closed among the headers", disconnection("cut-headers", withheldBytes: 60)),
        Entry("the connection closed within the body", disconnection("cut-body", withheldBytes: 10)),
    ]

    /// A token that matches no task has been seen to do this.
    private static let hang: Answer = {
        var answer = Answer(internalFailure("hang"))
        answer.latency = Answer.latencyMax
        return answer
    }()

    private static func disconnection(_ kind: String, withheldBytes: Int) -> Answer {
        Answer(kind: kind, content: .disconnection(withheldBytes: withheldBytes))
    }

    private static func internalFailure(_ kind: String) -> Fault {
        Fault(kind, .framework, "InternalFailure", status: 500, message: nil)
    }

    private static let oddities = [
        Entry("200 that is no JSON", .json("<not JSON>", kind: "garbage")),
        Entry("200 {}", .json("{}", kind: "no-flag")),
        Entry(
            "200 with 100 KB of JSON",
            .json(
                "{\"cancelRequested\":false,\"padding\":\"\(String(repeating: "x", count: 100 * 1024))\"}",
                kind: "large")),
        Entry("301 to elsewhere", Answer(kind: "redirect", status: 301, fields: ["Location": "/redirected"])),
        Entry("418 without a body", Answer(kind: "teapot", status: 418)),
    ]
}

extension Words.Entry {
    fileprivate init(_ meaning: String, _ answer: Answer) {
        self.init(meaning: meaning, answer: answer)
    }

    fileprivate init(_ fault: Fault, _ remark: String? = nil) {
        let status = fault.status == 400 ? "" : ", \(fault.status)"
        self.init(meaning: fault.name + status + (remark.map { ", \($0)" } ?? ""), answer: Answer(fault))
    }
}
