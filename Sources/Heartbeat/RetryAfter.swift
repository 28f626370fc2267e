/// How long a caller is to wait, with a little chance in it: a fleet that was refused together is not to come back
/// in step.
package enum RetryAfter {
    /// Of the wait, at most, and of a second more.
    private static let spread = 0.25

    /// - Parameter random: any 64 bits.
    /// - Returns: whole seconds, at least 1, and never less than `wait`.
    package static func seconds(_ wait: Duration, random: UInt64) -> Int {
        let seconds = max(1, wait.secondsRoundedUp)
        let chance = Double(random >> 11) / Double(1 << 53)
        return seconds + Int(chance * (Double(seconds) * spread + 1))
    }
}
