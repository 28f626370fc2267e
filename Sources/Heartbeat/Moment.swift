/// A time of the continuous clock, in whole nanoseconds. The compiler knows its layout: of `ContinuousClock.Instant` it
/// does not, so that each copy of something that has one in it is a call, or several. And what a `Duration` says in
/// numbers takes a division of 128 bits.
package struct Moment: InstantProtocol, Sendable {
    private static let origin = ContinuousClock.now

    private let sinceOrigin: Int64

    private init(sinceOrigin: Int64) {
        self.sinceOrigin = sinceOrigin
    }

    package init(_ instant: ContinuousClock.Instant) {
        sinceOrigin = Self.origin.duration(to: instant).nanoseconds
    }

    package static var now: Moment { Moment(.now) }

    /// Since the process looked at the clock first.
    package var seconds: Double { Double(sinceOrigin) / 1e9 }

    package var instant: ContinuousClock.Instant { Self.origin + .nanoseconds(sinceOrigin) }

    package func nanoseconds(since begin: Moment) -> Int64 { sinceOrigin - begin.sinceOrigin }
    package func seconds(since begin: Moment) -> Double { Double(nanoseconds(since: begin)) / 1e9 }

    package func advanced(by duration: Duration) -> Moment {
        let (sum, overflow) = sinceOrigin.addingReportingOverflow(duration.nanoseconds)
        return Moment(sinceOrigin: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    package func duration(to other: Moment) -> Duration { .nanoseconds(other.nanoseconds(since: self)) }

    package static func < (first: Moment, second: Moment) -> Bool { first.sinceOrigin < second.sinceOrigin }

    // Those of the standard library are generic: they are not called where this one is.
    package static func + (moment: Moment, duration: Duration) -> Moment { moment.advanced(by: duration) }
    package static func - (moment: Moment, duration: Duration) -> Moment { moment.advanced(by: .zero - duration) }
    package static func - (end: Moment, begin: Moment) -> Duration { begin.duration(to: end) }
}

extension Duration {
    /// Whole ones, rounded towards zero; at most some thousand centuries either way.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole + attoseconds / 1_000_000_000_000
    }

    /// Rounded up, so that what is waited for has come by then; at most some centuries either way.
    package var nanoseconds: Int64 {
        let attosecondsEach: Int128 = 1_000_000_000
        return Int64(clamping: (attoseconds + (attoseconds > 0 ? attosecondsEach - 1 : 0)) / attosecondsEach)
    }
}
