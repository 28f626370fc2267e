extension AuditRow {
    /// The row of a relay that was put off: nobody's answer, but a heartbeat that went to SWF.
    ///
    /// Its request id is that of the heartbeat that it brings, whose own row says that it was not relayed.
    /// - Parameters:
    ///   - receivedAt: when the relay began; microseconds since 1970-01-01T00:00:00Z.
    package init(
        flushOf beat: Beat, _ relay: Relay, receivedAt: Int64, duration: Duration, keeping retention: DetailsRetention
    ) {
        self.init(
            receivedAt: receivedAt, requestID: beat.requestID, traceID: beat.traceID, caller: beat.caller,
            taskHash: beat.taskHash, outcome: "recorded", status: 200, upstreamRequestID: relay.upstreamRequestID,
            attempts: relay.attempts, duration: duration, relayed: relay.attempts > 0)
        keep(beat.details, as: retention)
        switch relay.outcome {
        case .success(let cancelRequested):
            self.cancelRequested = cancelRequested
        case .failure(let failure):
            outcome = ErrorCode(failure).rawValue
            status = ErrorCode(failure).status
            if case .fault(let type, _) = failure { fault = type }
        }
    }
}
