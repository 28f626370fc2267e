import HTTP
import Heartbeat
import Testing

/// The contract's error table, column by column.
private struct ContractRow: NamedRow {
    let name: String
    let status: Int
    let carriesRetryAfter: Bool

    init(_ code: String, _ status: Int, _ retry: String = "") {
        name = code
        self.status = status
        carriesRetryAfter = retry == "R"
    }

    static let all: [ContractRow] = [
        ContractRow("malformed_request", 400),
        ContractRow("request_timeout", 408),
        ContractRow("length_required", 411),
        ContractRow("content_too_large", 413),
        ContractRow("uri_too_long", 414),
        ContractRow("expectation_failed", 417),
        ContractRow("request_header_fields_too_large", 431),
        ContractRow("not_implemented", 501),
        ContractRow("http_version_not_supported", 505),
        ContractRow("invalid_request", 400),
        ContractRow("invalid_task_token", 400),
        ContractRow("unauthenticated", 401),
        ContractRow("forbidden", 403),
        ContractRow("operation_not_permitted", 403),
        ContractRow("upstream_access_denied", 403),
        ContractRow("unknown_task", 404),
        ContractRow("not_found", 404),
        ContractRow("method_not_allowed", 405),
        ContractRow("not_acceptable", 406),
        ContractRow("unsupported_media_type", 415),
        ContractRow("rate_limited", 429, "R"),
        ContractRow("upstream_throttled", 429, "R"),
        ContractRow("internal_error", 500),
        ContractRow("upstream_credentials", 502),
        ContractRow("upstream_signature", 502),
        ContractRow("upstream_clock_skew", 502),
        ContractRow("upstream_error", 502, "R"),
        ContractRow("upstream_protocol", 502),
        ContractRow("upstream_malformed", 502, "R"),
        ContractRow("upstream_unreachable", 502, "R"),
        ContractRow("upstream_unavailable", 503, "R"),
        ContractRow("upstream_credentials_unavailable", 503, "R"),
        ContractRow("overloaded", 503, "R"),
        ContractRow("draining", 503, "R"),
        ContractRow("audit_unavailable", 503, "R"),
        ContractRow("upstream_timeout", 504, "R"),
    ]
}

/// A fault's type and status, and what the caller is told.
private struct FaultRow: NamedRow {
    let type: String?
    let status: Int
    let code: ErrorCode

    init(_ type: String?, _ status: Int, _ code: ErrorCode) {
        self.type = type
        self.status = status
        self.code = code
    }

    var name: String { "\(type ?? "no type"), \(status)" }

    static let all: [FaultRow] = [
        FaultRow("UnknownResourceFault", 400, .unknownTask),
        FaultRow("OperationNotPermittedFault", 400, .operationNotPermitted),
        FaultRow("ValidationException", 400, .invalidTaskToken),
        FaultRow("ValidationError", 400, .invalidTaskToken),
        FaultRow("SerializationException", 400, .internalError),
        FaultRow("AccessDeniedException", 400, .upstreamAccessDenied),
        FaultRow("AccessDenied", 403, .upstreamAccessDenied),
        FaultRow("NotAuthorized", 400, .upstreamAccessDenied),
        FaultRow("LimitExceededFault", 400, .upstreamThrottled),
        FaultRow("ThrottlingException", 400, .upstreamThrottled),
        FaultRow("Throttling", 400, .upstreamThrottled),
        FaultRow("ThrottledException", 400, .upstreamThrottled),
        FaultRow("RequestThrottled", 400, .upstreamThrottled),
        FaultRow("RequestThrottledException", 400, .upstreamThrottled),
        FaultRow("TooManyRequestsException", 429, .upstreamThrottled),
        FaultRow("RequestLimitExceeded", 503, .upstreamThrottled),
        FaultRow("LimitExceededException", 400, .upstreamThrottled),
        FaultRow("BandwidthLimitExceeded", 509, .upstreamThrottled),
        FaultRow("ProvisionedThroughputExceededException", 400, .upstreamThrottled),
        FaultRow("TransactionInProgressException", 400, .upstreamThrottled),
        FaultRow("PriorRequestNotComplete", 400, .upstreamThrottled),
        FaultRow("EC2ThrottledException", 400, .upstreamThrottled),
        FaultRow("SlowDown", 503, .upstreamThrottled),
        FaultRow("UnrecognizedClientException", 400, .upstreamCredentials),
        FaultRow("InvalidClientTokenId", 403, .upstreamCredentials),
        FaultRow("MissingAuthenticationToken", 403, .upstreamCredentials),
        FaultRow("MissingAuthenticationTokenException", 400, .upstreamCredentials),
        FaultRow("IncompleteSignature", 400, .upstreamCredentials),
        FaultRow("IncompleteSignatureException", 400, .upstreamCredentials),
        FaultRow("OptInRequired", 403, .upstreamCredentials),
        FaultRow("ExpiredToken", 400, .upstreamCredentialsUnavailable),
        FaultRow("ExpiredTokenException", 400, .upstreamCredentialsUnavailable),
        FaultRow("SignatureDoesNotMatch", 403, .upstreamSignature),
        FaultRow("InvalidSignatureException", 400, .upstreamSignature),
        FaultRow("InvalidSignature", 400, .upstreamSignature),
        FaultRow("RequestExpired", 400, .upstreamClockSkew),
        FaultRow("RequestTimeTooSkewed", 403, .upstreamClockSkew),
        FaultRow("RequestInTheFuture", 403, .upstreamClockSkew),
        FaultRow("ServiceUnavailable", 503, .upstreamUnavailable),
        FaultRow("ServiceUnavailableException", 503, .upstreamUnavailable),
        FaultRow("InternalFailure", 500, .upstreamError),
        FaultRow("InternalServerError", 500, .upstreamError),
        FaultRow("UnknownOperationException", 404, .upstreamProtocol),
        // Names nobody knows: the status decides.
        FaultRow("BrandNewFault", 400, .upstreamProtocol),
        FaultRow("BrandNewFault", 429, .upstreamThrottled),
        FaultRow("BrandNewFault", 500, .upstreamError),
        FaultRow("unknownresourcefault", 400, .upstreamProtocol),
        FaultRow("", 400, .upstreamProtocol),
        // No name at all.
        FaultRow(nil, 204, .upstreamProtocol),
        FaultRow(nil, 301, .upstreamProtocol),
        FaultRow(nil, 307, .upstreamProtocol),
        FaultRow(nil, 400, .upstreamProtocol),
        FaultRow(nil, 401, .upstreamProtocol),
        FaultRow(nil, 403, .upstreamProtocol),
        FaultRow(nil, 404, .upstreamProtocol),
        FaultRow(nil, 429, .upstreamThrottled),
        FaultRow(nil, 500, .upstreamError),
        FaultRow(nil, 502, .upstreamError),
        FaultRow(nil, 503, .upstreamError),
        FaultRow(nil, 504, .upstreamError),
        FaultRow(nil, 509, .upstreamThrottled),
        FaultRow(nil, 599, .upstreamError),
        FaultRow(nil, 600, .upstreamProtocol),
    ]
}

@Suite struct ErrorCodeTests {
    @Test func `there are the contract's codes and no others`() {
        #expect(Set(ErrorCode.allCases.map(\.rawValue)) == Set(ContractRow.all.map(\.name)))
    }

    @Test(arguments: ContractRow.all)
    private func `a code has the contract's status and retry policy`(row: ContractRow) throws {
        let code = try #require(ErrorCode(rawValue: row.name))
        #expect(code.status == row.status)
        #expect((code.retryAfterDefault != nil) == row.carriesRetryAfter)
        #expect((code.retryAfterDefault ?? 1) >= 1)
        #expect(code.isRetryable == (row.carriesRetryAfter || code == .requestTimeout))
        #expect(code.path == "/problems/\(row.name)")
    }

    @Test func `each code has its own title and explanation`() {
        #expect(Set(ErrorCode.allCases.map(\.title)).count == ErrorCode.allCases.count)
        #expect(Set(ErrorCode.allCases.map(\.explanation)).count == ErrorCode.allCases.count)
    }

    @Test(arguments: FaultRow.all)
    private func `a fault is known by its type's name, else by its status`(row: FaultRow) {
        #expect(ErrorCode(.fault(type: row.type, status: row.status)) == row.code)
    }

    @Test func `what never was an answer has its code`() {
        #expect(ErrorCode(UpstreamFailure.malformed) == .upstreamMalformed)
        #expect(ErrorCode(UpstreamFailure.unreachable) == .upstreamUnreachable)
        #expect(ErrorCode(UpstreamFailure.timeout) == .upstreamTimeout)
        #expect(ErrorCode(UpstreamFailure.credentialsUnavailable) == .upstreamCredentialsUnavailable)
    }

    @Test func `faults about the service's own key are never 401 or 403`() {
        let own: Set<ErrorCode> = [
            .upstreamCredentials, .upstreamSignature, .upstreamClockSkew, .upstreamCredentialsUnavailable,
        ]
        #expect(own.isDisjoint(with: ErrorCode.allCases.filter { [401, 403].contains($0.status) }))
    }

    @Test(arguments: [
        (ProtocolError.malformedRequest, "malformed_request"), (.requestTimeout, "request_timeout"),
        (.lengthRequired, "length_required"), (.contentTooLarge, "content_too_large"), (.uriTooLong, "uri_too_long"),
        (.expectationFailed, "expectation_failed"),
        (.requestHeaderFieldsTooLarge, "request_header_fields_too_large"), (.notImplemented, "not_implemented"),
        (.httpVersionNotSupported, "http_version_not_supported"),
    ])
    func `a message that is no request has its code`(error: ProtocolError, code: String) {
        #expect(ErrorCode(error).rawValue == code)
    }
}
