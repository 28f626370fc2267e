package import Heartbeat

extension UpstreamFailure {
    /// SWF says that more calls came than the account may send.
    package var isThrottling: Bool {
        // This one counts something else than calls.
        if case .fault("LimitExceededFault", _) = self { return false }
        return ErrorCode(self) == .upstreamThrottled
    }

    /// What it says of SWF's health.
    package func verdict(task: TaskHash) -> CircuitBreaker.Verdict {
        switch ErrorCode(self) {
        case .upstreamTimeout: .timedOut(task: task)
        case .upstreamError, .upstreamUnavailable, .upstreamUnreachable, .upstreamMalformed: .failed
        case .upstreamCredentialsUnavailable: if case .fault = self { .answered } else { .nothing }
        default: .answered
        }
    }

    /// - Parameter reason: why a call was not admitted.
    package init(_ reason: AdmissionControl.Refusal.Reason) {
        self =
            switch reason {
            case .rate: .rateUsedUp
            case .load: .overloaded
            case .circuit: .circuitOpen
            }
    }
}
