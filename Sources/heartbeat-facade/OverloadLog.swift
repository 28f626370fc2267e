import EventLoop
import HTTP
import Heartbeat
import Logging

/// Counts the requests that one loop refuses for overload; a line in the log now and then says how many they were.
final class OverloadLog {
    private static let interval = Duration.seconds(1)

    private let metrics: LoopMetrics
    private let logger: Logger
    private let loopName: String
    private var refused = 0
    private var nextLine: ContinuousClock.Instant?

    init(metrics: LoopMetrics, logger: Logger, loopName: String) {
        self.metrics = metrics
        self.logger = logger
        self.loopName = loopName
    }

    func note(_ reason: OverloadRule.Reason) {
        metrics.countRequest(.overloaded)
        metrics.countShed(reason)
        refused += 1
        let now = ContinuousClock.now
        if let nextLine, now < nextLine { return }
        nextLine = now + Self.interval
        logger.warning(
            "requests refused: this loop has as much to do as it can take",
            metadata: ["loop": "\(loopName)", "reason": "\(reason.label)", "requests": "\(refused)"])
        refused = 0
    }
}
