import EventLoop
import Logging
import Telemetry

/// The service's log: lines on standard output.
struct ServiceLog: Sendable {
    let logger: Logger

    init(level: Logger.Level, format: LineLogHandler.Format) {
        var logger = Logger(label: Release.name) { _ in
            LineLogHandler(level: level, format: format, clock: wallClockMicroseconds) { line in
                // A line that cannot be written has nobody to be told to.
                _ = writeLine(line, to: 1)
            }
        }
        logger.logLevel = level
        self.logger = logger
    }
}
