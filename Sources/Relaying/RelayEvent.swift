package import FlowControl
package import Heartbeat

/// What the relays of one loop tell of themselves.
package enum RelayEvent: Sendable {
    /// A beat was answered by a call that brought another one.
    case joined
    /// A beat was answered from the last known status.
    case lastKnown
    /// What was put off has been sent.
    case flushed
    /// It could not be; that is tried again.
    case flushFailed(UpstreamFailure)
    /// A call was not admitted.
    case refused(AdmissionControl.Refusal.Reason)
    /// The service ends, and so many calls have not ended.
    case lost(Int)
}
