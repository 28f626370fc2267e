import ArgumentParser
import EventLoop
import SigningClient
import Telemetry

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the resolved configuration without its secrets, and everything that is wrong with it.",
        discussion: "Looks for AWS credentials too, for 3 seconds at most. Exits with 78 if anything is wrong.")

    private static let credentialsTimeout = Duration.seconds(3)

    func run() throws {
        let (configuration, faults, warnings) = Configuration.read(processEnvironment())
        let width = Setting.all.map(\.name.count).max() ?? 0
        for setting in Setting.all {
            let padding = String(repeating: " ", count: width - setting.name.count)
            printResult("\(setting.name)\(padding)  \(setting.value(configuration))")
        }
        let (credentials, credentialsFault) = try Self.credentials(configuration)
        printResult("AWS credentials\(String(repeating: " ", count: max(0, width - 15)))  \(credentials)")
        for warning in warnings { printDiagnostic("warning: \(warning)") }
        let allFaults = faults + [credentialsFault].compactMap(\.self)
        for fault in allFaults { printDiagnostic("error: \(fault)") }
        if !allFaults.isEmpty { throw ExitCode.badConfiguration }
    }
    /// Where they are from and until when they hold, or why there are none.
    private static func credentials(_ configuration: Configuration) throws -> (text: String, fault: String?) {
        guard let settings = configuration.aws?.credentials else { return ("not looked for", nil) }
        return try EventLoop.run { loop in
            let keeper = CredentialsKeeper(settings, on: loop)
            do throws(CredentialsFault) {
                _ = try await keeper.credentials(deadline: .now + credentialsTimeout)
            } catch {
                return ("none", "AWS credentials: \(error)")
            }
            let status = keeper.status
            let end = status.expiration.map { "until \(rfc3339(microsecondsSince1970: $0 * 1_000_000))" } ?? "for good"
            return ("\(status.source ?? "none"), \(end)", nil)
        }
    }
}
