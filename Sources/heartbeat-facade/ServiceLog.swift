import Audit
import EventLoop
import Logging
import SigningClient
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

    func noteCredentials(_ status: CredentialsStatus) {
        if let fault = status.fault {
            logger.warning("could not get AWS credentials", metadata: ["reason": "\(fault)"])
            return
        }
        let expiration = status.expiration.map { rfc3339(microsecondsSince1970: $0 * 1_000_000) }
        logger.info(
            "got AWS credentials",
            metadata: ["source": "\(status.source ?? "none")", "expiration": "\(expiration ?? "never")"])
    }

    func noteReading(_ event: AuditReader.Event) {
        switch event {
        case .available: logger.info("audit rows can be read")
        case .unavailable(let reason): logger.warning("audit rows cannot be read", metadata: ["reason": "\(reason)"])
        }
    }
}
