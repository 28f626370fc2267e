import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CommandLineTests {
    @Test func `every command explains itself`() throws {
        for command in [
            [], ["serve"], ["migrate"], ["migrate", "up"], ["migrate", "status"], ["keys"], ["keys", "create"],
            ["keys", "list"],
            ["keys", "show"], ["keys", "rotate"], ["keys", "revoke"],
            ["audit"], ["audit", "list"], ["audit", "erase"], ["record"], ["check"], ["healthcheck"], ["openapi"],
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
        let line = try runFacade(["keys", "create", "ops", "--scope", "audit", "--scope", "heartbeat"])
        #expect(line.standardOutput.contains(/\nops:[0-9a-f]{64}:heartbeat,audit\n/))
        #expect(try runFacade(["keys", "create", "ops", "--scope", "all"]).exit == .exited(64))
        for name in ["", "a b", "a:b", "#x", "é"] {
            #expect(try runFacade(["keys", "create", name]).exit == .exited(64), "\(name)")
        }
        #expect(try runFacade(["nonsense"]).exit == .exited(64))
    }

    @Test func `check shows every setting, no secret, and all that is wrong`() throws {
        let good = try runFacade(["check"], environment: ConfigurationRow.good)
        #expect(good.exit == .exited(0))
        #expect(good.standardOutput.contains(/HEARTBEAT_AUDIT_COMMIT_TIMEOUT +500ms\n/))
        #expect(good.standardOutput.contains(/AWS credentials +env, for good\n/))
        #expect(!good.standardOutput.contains("secret"))
        let bad = try runFacade(["check"], environment: ["HEARTBEAT_LOG_LEVEL": "loud"])
        #expect(bad.exit == .exited(78))
        for name in ["HEARTBEAT_LOG_LEVEL", "DATABASE_URL", "no region is set: set AWS_REGION"] {
            #expect(bad.standardError.contains("error: \(name)"))
        }
        var environment = ConfigurationRow.good
        environment["AWS_SECRET_ACCESS_KEY"] = nil
        let partial = try runFacade(["check"], environment: environment)
        #expect(partial.exit == .exited(78))
        #expect(partial.standardError.contains("error: AWS credentials: env: "))
        #expect(try runFacade(["serve"]).exit == .exited(78))
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
