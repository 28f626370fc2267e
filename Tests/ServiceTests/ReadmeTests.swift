import Foundation
import TestSupport
import Testing

/// The README's examples, as they stand there.
@Suite(.timeLimit(.minutes(10)))
struct ReadmeTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("readme")
    }

    /// Runs lines in the directory, to the first that fails.
    private func shell(_ lines: String, environment: [String: String] = [:]) throws -> ChildProcess.Output {
        let products = try (Locations.product("heartbeat-facade") as NSString).deletingLastPathComponent
        return try ChildProcess.run(
            "bash", ["-euo", "pipefail", "-c", "cd '\(directory.path)'\n\(lines)"],
            environment: ["PATH": "\(products):\(Locations.path)"].merging(environment) { _, new in new })
    }

    /// Does what is to be done before the service runs.
    /// - Returns: the variables that are then set for it.
    private func prepare(_ lines: String) throws -> [String: String] {
        let output = try shell("\(lines)\ndeclare -f >functions || true; env | grep ^HEARTBEAT_")
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        let pairs = output.standardOutput.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
    }

    /// Does what is to be done once it runs, where the README has the default port.
    private func call(_ lines: String, _ service: Service) throws -> ChildProcess.Output {
        #expect(lines.contains("localhost:8080"))
        return try shell(
            ". ./functions\n" + lines.replacing("localhost:8080", with: "localhost:\(service.process.port)"),
            environment: ["DATABASE_URL": service.database.connectionString])
    }

    private func callers(_ service: Service) throws -> [[String]] {
        try service.database.query(
            "SELECT caller, authentication, outcome FROM heartbeat_audit WHERE caller IS NOT NULL")
    }

    @Test func `API keys`() throws {
        let example = try Readme.block("sh", below: "### API keys")
        try directory.write("", to: "functions")
        let service = try Service()
        var output = ""
        // Its call may come before the service has heard of the key: it has a second for that.
        try service.process.wait(for: "an answer to the call", within: .seconds(60)) {
            let ran = try call(example, service)
            guard ran.exit == .exited(0) else { throw SupportError(ran.standardError) }
            output = ran.standardOutput
            return output.contains(#"{"cancelRequested":"#)
        }
        // A state as long as "revoked" widens its column.
        #expect(output.contains(/ID +STATE +CREATED/))
        #expect(output.contains(#""name":"batch","state":"active""#))
        #expect(output.contains(#""rateLimit":"10/s:50","networks":["127.0.0.0/8"]"#))
        #expect(output.contains(/revoked [0-9A-Za-z]{8} of batch\n/))
        #expect(try callers(service).allSatisfy { $0 == ["batch", "api_key", "recorded"] })
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test(arguments: [("### JSON Web Tokens", "jwt"), ("### Client certificates", "mtls")])
    func `tokens and certificates`(heading: String, authentication: String) throws {
        let examples = try Readme.blocks("sh", below: heading)
        try #require(examples.count == 2)
        let service = try Service(prepare(examples[0]))
        let output = try call(examples[1], service)
        #expect(output.exit == .exited(0), "\(output.standardError)")
        #expect(output.standardOutput.hasPrefix(#"{"cancelRequested":"#), "\(output)")
        #expect(try callers(service) == [["worker-7", authentication, "recorded"]])
        #expect(try service.process.terminate() == .exited(0))
    }
}
