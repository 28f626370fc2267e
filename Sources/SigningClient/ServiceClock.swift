internal import CCurl
internal import Synchronization

/// How far the service's clock is from ours, in whole seconds; above zero: it is ahead.
///
/// What it is measured to be, from every answer's `Date`, and what signatures are corrected by are two things: the
/// second one changes only when a fault says that the clocks differ, and stays until the next such fault.
package final class ServiceClock: Sendable {
    /// AWS takes signatures up to five minutes old or early: below this the clocks are not to blame.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
    private static let toleranceSeconds: Int64 = 240

    private struct Offsets {
        var measured: Int64?
        var correction: Int64 = 0
    }

    private let offsets = Mutex(Offsets())

    package init() {}

    /// Seconds; nil before the first answer.
    package var measured: Int64? { offsets.withLock(\.measured) }

    /// Seconds to add to our own clock in signatures.
    package var correction: Int64 { offsets.withLock(\.correction) }

    /// - Parameter wallClock: when the answer came, microseconds since 1970-01-01T00:00:00Z by our clock.
    func note(_ answer: Answer, at wallClock: Int64) {
        guard let date = answer.date else { return }
        offsets.withLock { $0.measured = date - wallClock / 1_000_000 }
    }

    /// Takes the measured difference for signatures to come.
    /// - Returns: whether that is another one than so far: if not, the clocks are not to blame.
    func correct() -> Bool {
        offsets.withLock { offsets in
            guard let measured = offsets.measured,
                abs(measured - offsets.correction) > Self.toleranceSeconds
            else { return false }
            offsets.correction = measured
            return true
        }
    }
}

extension Answer {
    /// The `Date` field, in seconds since 1970-01-01T00:00:00Z.
    fileprivate var date: Int64? {
        guard let text = headers["date"] else { return nil }
        let seconds = unsafe curl_getdate(text, nil)
        return seconds < 0 ? nil : Int64(seconds)
    }
}
