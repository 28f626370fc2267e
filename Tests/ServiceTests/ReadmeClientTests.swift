import Foundation
import TestSupport
import Testing

/// The README's other examples, as they stand there.
@Suite(.timeLimit(.minutes(10)))
struct ReadmeClientTests {
    /// Heartbeats of three tasks, and what came of each.
    private static let worker = """

        import base64
        for word in ("ok", "cancel", "unknown"):
            try:
                print(heartbeat(base64.b64encode(f"{word}#python".encode()).decode(), "50%"))
            except Exception as error:
                print(type(error).__name__)
        """

    @Test func `a worker in Python, before and after`() throws {
        let examples = try Readme.blocks("python", below: "## Clients")
        try #require(examples.count == 2)
        let service = try Service()
        let before = try Python.run(
            examples[0] + Self.worker,
            // boto3 reads no AWS_REGION.
            environment: service.simulator.environment.merging(["AWS_DEFAULT_REGION": SimulatorProcess.region]) { $1 })
        #expect(before == "False\nTrue\nUnknownResourceFault\n")
        let after = try Python.run(
            examples[1].replacing("localhost:8080", with: "localhost:\(service.process.port)") + Self.worker,
            environment: ["HEARTBEAT_API_KEY": Service.key])
        #expect(after == "False\nTrue\nTaskClosed\n")
        let rows = try service.database.query("SELECT outcome, details FROM heartbeat_audit ORDER BY received_at")
        #expect(rows == [["recorded", "50%"], ["recorded", "50%"], ["unknown_task", "50%"]])
    }

    @Test func `an error`() throws {
        let service = try Service()
        let example = try JSONSerialization.jsonObject(with: Data(Readme.block("json", below: "## Errors").utf8))
        let answer = try JSONSerialization.jsonObject(with: Data(service.heartbeat(base64("unknown")).text.utf8))
        var (shown, told) = try (#require(example as? [String: Any]), #require(answer as? [String: Any]))
        for id in ["requestId", "upstreamRequestId"] {
            #expect(shown.removeValue(forKey: id) is String)
            #expect(told.removeValue(forKey: id) is String)
        }
        #expect(NSDictionary(dictionary: shown) == NSDictionary(dictionary: told))
    }

    @Test func `the least configuration`() throws {
        let output = try ReadmeShell().run(
            Readme.block("sh", below: "## Configuration"),
            environment: ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"])
        #expect(output.exit == .exited(0), "\(output)")
        #expect(output.standardError == "")
    }

    @Test func `the role's policy`() throws {
        let policy = try Readme.block("json", below: "## Security")
        try Python.run(
            """
            import json, sys
            import botocore.session
            from moto.iam.policy_validation import IAMPolicyDocumentValidator
            IAMPolicyDocumentValidator(sys.argv[1]).validate()
            (statement,) = json.loads(sys.argv[1])["Statement"]
            service, action = statement["Action"].split(":")
            model = botocore.session.get_session().get_service_model("swf")
            assert (service, action) == (model.signing_name, "RecordActivityTaskHeartbeat")
            assert action in model.operation_names
            """, [policy])
    }

    @Test func `scanners find keys`() throws {
        let expression = try Regex(
            Readme.block("regex", below: "## For secret scanners", in: "SECURITY.md").trimmingCharacters(in: .newlines))
        let key = try runFacade(["keys", "create", "x"]).standardOutput
        #expect(key.contains(expression), "\(key.count) characters")
    }
}
