package import Heartbeat
package import SigningClient

/// Amazon SWF as the domain sees it: one operation on the shared signing client.
package final class SWFService: Upstream {
    private let client: SigningClient

    package init(client: SigningClient) {
        self.client = client
    }

    package func recordHeartbeat(
        taskToken: TaskToken, details: String?, deadline: ContinuousClock.Instant, admission: any AttemptAdmission
    ) async -> Relay {
        let operation = RecordActivityTaskHeartbeat(taskToken: taskToken.secret, details: details)
        let call = await client.call(
            operation, deadline: deadline, admitRetry: { await admission.admit() },
            attemptEnded: { admission.ended($0.map(UpstreamFailure.init)) })
        return Relay(
            outcome: call.result.map(\.cancelRequested).mapError(UpstreamFailure.init),
            upstreamRequestID: call.answer?.requestID, attempts: call.attempts,
            retryAfter: call.result.isSuccess ? nil : call.answer?.retryAfter)
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}

extension UpstreamFailure {
    package init(_ failure: CallFailure) {
        self =
            switch failure {
            case .timeout: .timeout
            case .unreachable, .untrusted: .unreachable
            case .answerTooLarge, .malformed: .malformed
            case .fault(let fault): .fault(type: fault.type, status: fault.status)
            case .credentialsUnavailable: .credentialsUnavailable
            }
    }
}
