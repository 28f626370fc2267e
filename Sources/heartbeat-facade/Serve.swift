import ArgumentParser
import EventLoop
import Logging

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve heartbeats until SIGTERM or SIGINT.",
        discussion: "Everything is set by environment variables:\n\n" + settings)

    private static let settings = Setting.all.map { setting in
        "\(setting.name)\(setting.isSecret ? "[_FILE]" : ""): \(setting.meaning) (default: \(setting.defaultText))"
    }.joined(separator: "\n")

    func run() throws {
        let (configuration, faults, warnings) = Configuration.read(processEnvironment())
        let log = ServiceLog(level: configuration.logLevel, format: configuration.logFormat)
        for warning in warnings { log.logger.warning("\(warning)") }
        for fault in faults { log.logger.error("\(fault)") }
        guard faults.isEmpty, let upstream = Upstream(configuration) else { throw ExitCode.badConfiguration }
        do {
            try Service(configuration, upstream, log: log).run()
        } catch {
            log.logger.critical("cannot start", metadata: ["error": "\(error)"])
            throw ExitCode.failure
        }
    }
}
