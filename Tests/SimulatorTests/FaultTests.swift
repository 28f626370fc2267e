import Testing

@testable import swf_simulator

struct FaultTests {
    struct Row: NamedRow {
        let word: String
        let type: String
        var status = 400
        /// What the header names; nil where there is none.
        var header: String?

        var name: String { word }
    }

    static let rows = [
        Row(word: "unknown", type: "com.amazonaws.swf.base.model#UnknownResourceFault", header: "UnknownResourceFault"),
        Row(
            word: "not-permitted", type: "com.amazonaws.swf.base.model#OperationNotPermittedFault",
            header: "OperationNotPermittedFault"),
        Row(word: "limit", type: "com.amazonaws.swf.base.model#LimitExceededFault", header: "LimitExceededFault"),
        Row(word: "validation", type: "com.amazon.coral.validate#ValidationException", header: "ValidationException"),
        Row(
            word: "serialization", type: "com.amazonaws.swf.base.model#SerializationException",
            header: "SerializationException"),
        Row(
            word: "throttle", type: "com.amazon.coral.availability#ThrottlingException", header: "ThrottlingException"),
        Row(word: "unknown-operation", type: "com.amazon.coral.service#UnknownOperationException"),
        Row(word: "denied", type: "com.amazon.coral.service#AccessDeniedException"),
        Row(word: "expired-token", type: "com.amazon.coral.service#ExpiredTokenException"),
        Row(word: "unrecognized-client", type: "com.amazon.coral.service#UnrecognizedClientException"),
        Row(word: "invalid-client-token", type: "com.amazon.coral.service#InvalidClientTokenId", status: 403),
        Row(word: "missing-authentication", type: "com.amazon.coral.service#MissingAuthenticationTokenException"),
        Row(word: "incomplete-signature", type: "com.amazon.coral.service#IncompleteSignatureException"),
        Row(word: "opt-in", type: "com.amazon.coral.service#OptInRequired", status: 403),
        Row(word: "bad-signature", type: "com.amazon.coral.service#InvalidSignatureException"),
        Row(word: "signature-mismatch", type: "com.amazon.coral.service#SignatureDoesNotMatch", status: 403),
        Row(word: "skew", type: "com.amazon.coral.service#InvalidSignatureException"),
        Row(word: "skew-ahead", type: "com.amazon.coral.service#InvalidSignatureException"),
        Row(word: "request-expired", type: "com.amazon.coral.service#RequestExpired"),
        Row(word: "too-skewed", type: "com.amazon.coral.service#RequestTimeTooSkewed", status: 403),
        Row(word: "internal", type: "com.amazon.coral.service#InternalFailure", status: 500),
        Row(
            word: "unavailable", type: "com.amazon.coral.availability#ServiceUnavailable", status: 503,
            header: "ServiceUnavailable"),
    ]

    @Test(arguments: rows) func `faults are put as AWS puts them`(_ row: Row) throws {
        let answer = try #require(Words.answer(for: row.word))
        #expect(answer.kind == row.word)
        #expect(answer.status == row.status)
        #expect(answer.text?.hasPrefix(#"{"__type":"\#(row.type)""#) == true, "\(answer.text ?? "")")
        #expect(answer.fields["x-amzn-ErrorType"] == row.header)
        #expect(answer.fields["Content-Type"] == "application/x-amz-json-1.0")
        #expect(answer.latency == nil)
    }

    @Test func `the table above has each fault`() {
        let faults = Words.entries.filter { $0.answer.text?.hasPrefix("{\"__type\"") == true && $0.word != "hang" }
        #expect(Set(faults.map(\.word)) == Set(Self.rows.map(\.word)))
    }
}
