package import Heartbeat
package import SigningClient

/// Amazon SWF as the domain sees it: one operation on the shared signing client.
/// https://docs.aws.amazon.com/amazonswf/latest/apireference/API_RecordActivityTaskHeartbeat.html
package final class SWFService: ActivityService {
    private let client: SigningClient
    private let noteFailure: (CallFailure) -> Void

    /// - Parameter noteFailure: is told, for the operator, why a call has no answer.
    package init(client: SigningClient, noteFailure: @escaping (CallFailure) -> Void = { _ in }) {
        self.client = client
        self.noteFailure = noteFailure
    }

    package func recordHeartbeat(
        taskToken: TaskToken, details: String?, deadline: ContinuousClock.Instant
    ) async -> Relay {
        let (result, attempts) = await client.call(
            target: RecordActivityTaskHeartbeat.target,
            body: RecordActivityTaskHeartbeat.request(taskToken: taskToken, details: details), deadline: deadline)
        switch result {
        case .success(let answer):
            return Relay(
                outcome: RecordActivityTaskHeartbeat.outcome(of: answer), upstreamRequestID: answer.requestID,
                attempts: attempts)
        case .failure(let failure):
            noteFailure(failure)
            return Relay(outcome: .failure(UpstreamFailure(failure)), attempts: attempts)
        }
    }
}

extension UpstreamFailure {
    init(_ failure: CallFailure) {
        self =
            switch failure {
            case .timeout: .timeout
            case .unreachable, .untrusted: .unreachable
            case .answerTooLarge: .malformed
            case .credentialsUnavailable: .credentialsUnavailable
            }
    }
}
