import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CommandLineTests {
    private static let aws = [
        "AWS_REGION": SimulatorProcess.region, "AWS_ACCESS_KEY_ID": SimulatorProcess.accessKeyID,
        "AWS_SECRET_ACCESS_KEY": SimulatorProcess.secretAccessKey,
    ]

    @Test func `every command explains itself`() throws {
        for command in [
            [], ["serve"], ["migrate"], ["keys"], ["keys", "create"], ["record"], ["check"], ["healthcheck"],
            ["openapi"],
            ["version"],
        ] {
            let output = try runFacade(command + ["--help"])
            #expect(output.exit == .exited(0))
            #expect(output.standardOutput.contains("USAGE:"))
        }
    }

    @Test func `a made key is a key of the service, and wrong usage is 64`() throws {
        let output = try runFacade(["keys", "create", "worker-7"])
        let lines = output.standardOutput.split(separator: "\n").map(String.init)
        #expect(output.exit == .exited(0))
        #expect(lines.count == 2)
        #expect(lines[0].wholeMatch(of: /hbf_[0-9A-Za-z]{44}/) != nil)
        #expect(lines[1].wholeMatch(of: /worker-7:[0-9a-f]{64}/) != nil)
        for name in ["", "a b", "a:b", "#x", "é"] {
            #expect(try runFacade(["keys", "create", name]).exit == .exited(64), "\(name)")
        }
        #expect(try runFacade(["nonsense"]).exit == .exited(64))
    }

    @Test func `record prints what the AWS CLI prints`() throws {
        let simulator = try SimulatorProcess()
        let common = ["record", "--endpoint-url", simulator.url]
        let ok = try runFacade(common + ["--task-token", base64("cancel"), "--details", "50%"], environment: Self.aws)
        #expect(ok.exit == .exited(0))
        #expect(ok.standardOutput == "{\n    \"cancelRequested\": true\n}\n")
        #expect(try simulator.calls().contains("50%"))
        let text = try runFacade(
            common + ["--output", "text", "--cli-input-json", "{\"taskToken\": \"\(base64("ok"))\"}"],
            environment: Self.aws)
        #expect(text.standardOutput == "False\n")
        let fault = try runFacade(common + ["--task-token", base64("unknown")], environment: Self.aws)
        #expect(fault.exit == .exited(1))
        #expect(fault.standardOutput == "")
        #expect(
            fault.standardError.contains(
                "An error occurred (UnknownResourceFault) when calling the RecordActivityTaskHeartbeat operation: "))
        let closed = try runFacade(
            ["record", "--endpoint-url", "http://127.0.0.1:1", "--task-token", "x"], environment: Self.aws)
        #expect(closed.exit == .exited(1))
        #expect(closed.standardError.contains("Could not connect to http://127.0.0.1:1/"))
        #expect(try runFacade(["record", "--task-token", "x"]).exit == .exited(78))
        #expect(try runFacade(common, environment: Self.aws).exit == .exited(64))
        let long = try runFacade(
            common + ["--task-token", "x", "--details", String(repeating: "😀", count: 1025)], environment: Self.aws)
        #expect(long.exit == .exited(64))
    }

    @Test func `skeletons are printed and nothing is sent`() throws {
        let input = try runFacade(["record", "--generate-cli-skeleton", "input"])
        #expect(input.standardOutput == "{\n    \"taskToken\": \"\",\n    \"details\": \"\"\n}\n")
        let output = try runFacade(["record", "--generate-cli-skeleton", "output"])
        #expect(output.standardOutput == "{\n    \"cancelRequested\": true\n}\n")
    }

    @Test func `check shows every setting, no secret, and all that is wrong`() throws {
        let good = try runFacade(["check"], environment: ConfigurationRow.good)
        #expect(good.exit == .exited(0))
        #expect(good.standardOutput.contains(/HEARTBEAT_AUDIT_COMMIT_TIMEOUT +500ms\n/))
        #expect(!good.standardOutput.contains("secret"))
        let bad = try runFacade(["check"], environment: ["HEARTBEAT_LOG_LEVEL": "loud"])
        #expect(bad.exit == .exited(78))
        for name in ["HEARTBEAT_LOG_LEVEL", "DATABASE_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID"] {
            #expect(bad.standardError.contains("error: \(name)"))
        }
        #expect(try runFacade(["serve"]).exit == .exited(78))
    }

    @Test func `migrate makes the table once`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let environment = ["DATABASE_URL": database.connectionString]
        let first = try runFacade(["migrate"], environment: environment)
        #expect(first.exit == .exited(0))
        #expect(first.standardOutput.hasPrefix("created heartbeat_audit\n"))
        #expect(try runFacade(["migrate"], environment: environment).standardOutput == "nothing to do\n")
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit") == [["0"]])
        #expect(
            try runFacade(["migrate"], environment: ["DATABASE_URL": "postgres://127.0.0.1:1/x"]).exit == .exited(1))
        #expect(try runFacade(["migrate"]).exit == .exited(78))
    }

    @Test func `healthcheck asks the running service`() throws {
        let service = try Service()
        let environment = ["HEARTBEAT_OPERATIONS_LISTEN": "127.0.0.1:\(service.process.operationsPort)"]
        #expect(try runFacade(["healthcheck"], environment: environment).exit == .exited(0))
        #expect(try service.process.terminate() == .exited(0))
        #expect(try runFacade(["healthcheck"], environment: environment).exit == .exited(1))
    }

    @Test func `the OpenAPI document is in the executable`() throws {
        #expect(try runFacade(["openapi"]).standardOutput.contains("\nopenapi: 3.1"))
        let json = try runFacade(["openapi", "--json"]).standardOutput
        let document = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        #expect((document?["openapi"] as? String)?.hasPrefix("3.1") == true)
    }
}
