import Foundation
import TestSupport
import Testing

/// `record` straight to SWF; beside the AWS CLI it has tests of its own.
@Suite(.timeLimit(.minutes(10)))
struct RecordTests {
    private static let token = "AAAAKgAAAAEAAAAA/x+y=="
    private static let aws = [
        "AWS_REGION": SimulatorProcess.region, "AWS_ACCESS_KEY_ID": SimulatorProcess.accessKeyID,
        "AWS_SECRET_ACCESS_KEY": SimulatorProcess.secretAccessKey, "AWS_MAX_ATTEMPTS": "1",
    ]

    @Test func `exit codes tell what went wrong`() throws {
        let simulator = try SimulatorProcess()
        let common = ["record", "--endpoint-url", simulator.url]
        let rows: [(code: Int32, arguments: [String], environment: [String: String])] = [
            (0, common + ["--task-token", base64("cancel")], Self.aws),
            (1, common + ["--task-token", base64("unknown")], Self.aws),
            (1, common + ["--task-token", base64("no-flag")], Self.aws),
            (1, ["record", "--endpoint-url", "http://127.0.0.1:1", "--task-token", "x"], Self.aws),
            (64, common, Self.aws),
            (64, common + ["--task-token", "x", "--details", String(repeating: "😀", count: 1025)], Self.aws),
            (64, common + ["--task-token", "x", "--cli-read-timeout", "86401"], Self.aws),
            (64, common + ["--task-token", "x", "--key", "k"], Self.aws),
            (64, ["record", "--endpoint-url", "http://h/path", "--task-token", "x"], Self.aws),
            (78, ["record", "--task-token", "x"], [:]),
            (78, common + ["--task-token", "x"], Self.aws.merging(["AWS_DEFAULT_OUTPUT": "yaml"]) { $1 }),
        ]
        for row in rows {
            let output = try runFacade(row.arguments, environment: row.environment)
            #expect(output.exit == .exited(row.code), "\(row.arguments): \(output)")
            #expect(output.standardOutput.isEmpty == (row.code != 0))
            #expect(output.standardError.isEmpty == (row.code == 0))
        }
    }

    @Test func `the environment may choose the output, and a token's file may end its line`() throws {
        let simulator = try SimulatorProcess()
        let directory = try TemporaryDirectory()
        try directory.write(base64("cancel") + "\n", to: "token")
        let environment = Self.aws.merging(["AWS_DEFAULT_OUTPUT": "text", "HOME": directory.path]) { $1 }
        let common = ["record", "--endpoint-url", simulator.url, "--task-token", "file://~/token"]
        #expect(try runFacade(common, environment: environment).standardOutput == "True\n")
        #expect(
            try runFacade(common + ["--output", "json", "--query", "cancelRequested"], environment: environment)
                .standardOutput == "true\n")
    }

    @Test func `retries are counted where there were some`() throws {
        let simulator = try SimulatorProcess()
        let output = try runFacade(
            ["record", "--endpoint-url", simulator.url, "--task-token", base64("unavailable")],
            environment: Self.aws.merging(["AWS_MAX_ATTEMPTS": "2"]) { $1 })
        #expect(output.standardError.contains("operation (reached max retries: 1): The request has failed"))
        #expect(try simulator.calls().hasPrefix("{\"byAnswer\":{\"unavailable\":2}"))
    }

    /// What a server repeats of what it was sent, in each form that it may have.
    private static let echo = """
        {"__type":"com.amazon.coral.validate#ValidationException","message":"Value '\(token)' \
        x-amz-security-token:SESSIONTOKEN Credential=AKIDEXAMPLE/20150830, Signature=0123abcd",\
        "token":"AAAAKgAAAAEAAAAA\\/x+y==","key":"SECRETKEY"}
        """

    @Test func `neither debugging nor a failure shows a secret`() throws {
        let server = try StubServer { _ in
            [
                .send(
                    """
                    HTTP/1.1 400 Bad Request\r\nX-Amzn-RequestId: 1-2-3\r\nSet-Cookie: chocolate\r\n\
                    Content-Length: \(Self.echo.utf8.count)\r\n\r\n\(Self.echo)
                    """)
            ]
        }
        let environment = Self.aws.merging([
            "AWS_SECRET_ACCESS_KEY": "SECRETKEY", "AWS_SESSION_TOKEN": "SESSIONTOKEN",
        ]) { $1 }
        let arguments = [
            "record", "--endpoint-url", server.url, "--task-token", Self.token, "--details", "50%",
        ]
        let quiet = try runFacade(arguments, environment: environment)
        let output = try runFacade(arguments + ["--debug"], environment: environment)
        for shown in [quiet, output].map(\.standardError) {
            for secret in ["x+y==", "SECRETKEY", "SESSIONTOKEN", "AKIDEXAMPLE", "0123abcd", "chocolate"] {
                #expect(!shown.contains(secret), "\(secret): \(shown)")
            }
            #expect(shown.contains("operation: Value '<task token>' x-amz-security-token:<session token> "))
        }
        #expect(quiet.standardError.split(separator: "\n").count == 1)
        for line in [
            "> POST \(server.url)/", "> X-Amz-Target: SimpleWorkflowService.RecordActivityTaskHeartbeat",
            "> {\"taskToken\":\"<task token>\",\"details\":\"50%\"}", "< X-Amzn-RequestId: 1-2-3",
        ] {
            #expect(output.standardError.contains("\(line)\n"), "\(line): \(output.standardError)")
        }
        #expect(output.standardError.contains(/\n< 400 \(attempt 1, \d+ ms\)\n/))
        #expect(output.standardOutput == "")
        #expect(server.requests.count == 2)
    }

    @Test func `either timeout ends a call by itself`() throws {
        let server = try StubServer { _ in [.waitForClose] }
        let rows: [(arguments: [String], words: String)] = [
            (
                ["--endpoint-url", server.url, "--cli-read-timeout", "1"],
                "Read timeout on endpoint URL: \"\(server.url)/\"\n"
            ),
            // To connect is to shake hands too, for which this server waits in vain.
            (
                ["--endpoint-url", "https://127.0.0.1:\(server.port)", "--cli-connect-timeout", "1"],
                "No answer from the endpoint URL: \"https://127.0.0.1:\(server.port)/\" ("
            ),
        ]
        for row in rows {
            let output = try runFacade(["record", "--task-token", "x"] + row.arguments, environment: Self.aws)
            #expect(output.exit == .exited(1))
            #expect(output.standardError.hasPrefix(row.words), "\(output)")
        }
    }

    @Test func `unsigned means without a signature, and without keys`() throws {
        let server = try StubServer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{\"cancelRequested\":true}")]
        }
        let output = try runFacade(
            ["record", "--endpoint-url", server.url, "--task-token", "x", "--no-sign-request"],
            environment: ["AWS_REGION": "us-east-1"])
        #expect(output.standardOutput == "{\n    \"cancelRequested\": true\n}\n")
        let request = try #require(server.requests.first)
        #expect(request.values(of: "authorization").isEmpty && request.values(of: "x-amz-date").isEmpty)
        #expect(request.values(of: "x-amz-target") == ["SimpleWorkflowService.RecordActivityTaskHeartbeat"])
    }
}
