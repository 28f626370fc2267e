import Audit
import Authentication
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

    func noteBinding(_ event: AuditReader.Event) {
        switch event {
        case .available:
            logger.info("tasks' first callers can be looked up")
        case .unavailable(let reason):
            logger.warning(
                "tasks' first callers cannot be looked up: tasks not known here are anybody's",
                metadata: ["reason": "\(reason)"])
        }
    }

    func noteKeys(_ event: KeyKeeper.Event) {
        switch event {
        case .read(let keys):
            logger.info("the API keys of the table are read", metadata: ["keys": "\(keys)"])
        case .failed(let reason):
            logger.warning(
                "the table of API keys cannot be read: those known stay good", metadata: ["reason": "\(reason)"])
        case .restored(let keys):
            logger.info("the last known API keys are in use until the table is read", metadata: ["keys": "\(keys)"])
        case .fileIgnored(let path, let reason):
            logger.error(
                "the file of the last known API keys is ignored", metadata: ["file": "\(path)", "reason": "\(reason)"])
        case .notWritten(let reason):
            logger.error(
                "the last known API keys could not be written for the next start", metadata: ["reason": "\(reason)"])
        case .usesNotNoted(let reason):
            logger.warning("the last use of API keys could not be noted", metadata: ["reason": "\(reason)"])
        }
    }
}
