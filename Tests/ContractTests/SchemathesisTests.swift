import TestSupport
import Testing

/// Another reader of the document calls the service as the document says, and as it says not to.
@Suite(.timeLimit(.minutes(10)))
struct SchemathesisTests {
    private static let casesMax = 25

    /// - Parameters:
    ///   - arguments: which operations.
    private static func run(_ url: String, key: String, _ arguments: [String]) throws -> ChildProcess.Output {
        let here = "\(Locations.packageRoot)/Tests/ContractTests"
        let work = try TemporaryDirectory()
        return try withExtendedLifetime(work) {
            // What it writes beside its report goes where it runs.
            try ChildProcess.run(
                "env",
                [
                    "--chdir", work.path, Python.interpreter(), "-c", "import schemathesis.cli as c; c.schemathesis()",
                    "--config-file", "\(here)/schemathesis.toml", "run",
                    "\(Locations.packageRoot)/openapi/openapi.json", "--url", url,
                    "--header", "Authorization: Bearer \(key)", "--checks", "all",
                    "--max-examples", "\(casesMax)", "--continue-on-failure", "--no-color",
                ] + arguments,
                environment: [
                    "PATH": Locations.path, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1",
                    "SCHEMATHESIS_HOOKS": "\(here)/schemathesis_hooks.py",
                ])
        }
    }

    @Test func `Schemathesis finds nothing in the API`() throws {
        let stage = try Stage()
        // There is something to be read.
        #expect(try stage.service.call("POST", "/tasks/\(Stage.token)/heartbeat", body: "").status == 200)
        let url = "http://127.0.0.1:\(stage.service.port)"
        let output = try Self.run(url, key: Stage.workerKey, ["--exclude-tag", "Operations"])
        #expect(output.exit == .exited(0), "\(output.standardOutput)\n\(output.standardError)")
        #expect(output.standardOutput.contains("9 selected / 12 total"))
    }

    @Test func `Schemathesis finds nothing on the operations listener`() throws {
        let stage = try Stage()
        let url = "http://127.0.0.1:\(stage.service.operationsPort)"
        let output = try Self.run(url, key: Stage.workerKey, ["--include-tag", "Operations"])
        #expect(output.exit == .exited(0), "\(output.standardOutput)\n\(output.standardError)")
        #expect(output.standardOutput.contains("3 selected / 12 total"))
    }

    /// A run that could not fail would tell nothing.
    @Test func `Schemathesis does find what is not as the document says`() throws {
        let simulator = try SimulatorProcess()
        let output = try Self.run(simulator.url, key: Stage.workerKey, ["--include-operation-id", "getProblem"])
        #expect(output.exit == .exited(1), "\(output.standardOutput)\n\(output.standardError)")
    }
}
