/// How long beats of a task may go without a relay.
package struct IntervalRule: Sendable, Equatable {
    /// Beats nearer than this to the last relay need none.
    package let shortest: Duration
    /// Nor do those nearer than this while SWF's rate is scarce; from here on a relay is due.
    package let longest: Duration
    /// After a beat, what it brought is sent, whether or not another one comes.
    package let flush: Duration
    /// Without a relay the task is over then, or nothing is worth knowing of it any more.
    package let lifetime: Duration
    /// Whether the lifetime is the task's timeout, by its caller's word.
    package let isTimeoutKnown: Bool

    private static let shortestShare = 4
    private static let flushShare = 2

    /// What a task's heartbeat timeout allows.
    package init(heartbeatTimeout timeout: Duration) {
        shortest = timeout / Self.shortestShare
        // So that there is time for a call that must be tried again.
        longest = timeout * 4 / 5
        flush = timeout / Self.flushShare
        lifetime = timeout
        isTimeoutKnown = true
    }

    /// Where no timeout is known: nothing is put off for longer. The timeout is taken to be as much longer as where it
    /// is known.
    package init(interval: Duration) {
        shortest = interval
        longest = interval
        flush = interval
        lifetime = interval * Self.shortestShare
        isTimeoutKnown = false
    }

    /// - Parameter scarcity: of SWF's rate, 0 to 1.
    package func interval(scarcity: Double) -> Duration {
        shortest + (longest - shortest) * min(max(scarcity, 0), 1)
    }
}
