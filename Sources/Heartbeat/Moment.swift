/// A time of the continuous clock. The compiler knows its layout: of `ContinuousClock.Instant` it does not, so that
/// each copy of something that has one in it is a call, or several.
package struct Moment: InstantProtocol, Sendable {
    private static let origin = ContinuousClock.now

    private let sinceOrigin: Duration

    private init(sinceOrigin: Duration) {
        self.sinceOrigin = sinceOrigin
    }

    package init(_ instant: ContinuousClock.Instant) {
        sinceOrigin = Self.origin.duration(to: instant)
    }

    package static var now: Moment { Moment(.now) }

    /// Since the process looked at the clock first.
    package var seconds: Double { sinceOrigin / .seconds(1) }

    package var instant: ContinuousClock.Instant { Self.origin + sinceOrigin }

    package func advanced(by duration: Duration) -> Moment { Moment(sinceOrigin: sinceOrigin + duration) }
    package func duration(to other: Moment) -> Duration { other.sinceOrigin - sinceOrigin }

    package static func < (first: Moment, second: Moment) -> Bool { first.sinceOrigin < second.sinceOrigin }

    // Those of the standard library are generic: they are not called where this one is.
    package static func + (moment: Moment, duration: Duration) -> Moment { moment.advanced(by: duration) }
    package static func - (moment: Moment, duration: Duration) -> Moment { moment.advanced(by: .zero - duration) }
    package static func - (end: Moment, begin: Moment) -> Duration { begin.duration(to: end) }
}
