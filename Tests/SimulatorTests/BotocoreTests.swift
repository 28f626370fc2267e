import Foundation
import TestSupport
import Testing

@testable import swf_simulator

/// botocore, which talks to the real service, must understand the simulator.
struct BotocoreTests {
    /// A call and what botocore is to make of it.
    struct Row: Codable {
        var token: String
        var key = SimulatorProcess.accessKeyID
        var secret = SimulatorProcess.secretAccessKey
        var sessionToken: String?
        var region = SimulatorProcess.region
        /// How far the client's clock is ahead.
        var skewSeconds = 0
        /// The answer's flag, the error's code, or the exception's name where no answer came.
        var outcome: String
        /// Where it is a fault of SWF's model, botocore's class for it.
        var exception: String?

        init(_ text: String, _ outcome: String, exception: String? = nil, with change: (inout Row) -> Void = { _ in }) {
            token = SimulatorTests.token(text)
            self.outcome = outcome
            self.exception = exception
            change(&self)
        }
    }

    static let rows = [
        Row("ok", "False"), Row("cancel#1", "True"), Row("slow:1", "False"), Row("large", "False"),
        Row("no-flag", "None"),
        Row("unknown", "UnknownResourceFault", exception: "UnknownResourceFault"),
        Row("not-permitted", "OperationNotPermittedFault", exception: "OperationNotPermittedFault"),
        Row("limit", "LimitExceededFault", exception: "LimitExceededFault"),
        Row("validation", "ValidationException"), Row("serialization", "SerializationException"),
        Row("throttle", "ThrottlingException"), Row("denied", "AccessDeniedException"),
        Row("expired-token", "ExpiredTokenException"), Row("unrecognized-client", "UnrecognizedClientException"),
        Row("bad-signature", "InvalidSignatureException"), Row("skew", "InvalidSignatureException"),
        Row("internal", "InternalFailure"), Row("unavailable", "ServiceUnavailable"),
        Row("unknown-operation", "UnknownOperationException"),
        Row("500", "500"), Row("502", "502"), Row("503", "503"), Row("429", "429"), Row("teapot", "418"),
        Row("redirect", "301"), Row("reset", "ConnectionClosedError"), Row("hang", "ReadTimeoutError"),
        Row("ok", "InvalidSignatureException") { $0.secret = "wrong" },
        Row("ok", "UnrecognizedClientException") { $0.key = "AKIDOTHER" },
        Row("ok", "UnrecognizedClientException") { $0.sessionToken = "T" },
        Row("ok", "InvalidSignatureException") { $0.region = "eu-west-1" },
        Row("ok", "InvalidSignatureException") { $0.skewSeconds = -1000 },
        Row("ok", "InvalidSignatureException") { $0.skewSeconds = 1000 },
        Row("ok", "False") { $0.skewSeconds = -200 },
    ]

    /// Prints a line for each row: the outcome, the exception's class and whether there was a request id.
    private static let program = """
        import datetime, json, sys
        import boto3, botocore.auth, botocore.exceptions
        from botocore.config import Config

        clock = botocore.auth.get_current_datetime
        config = Config(retries={"total_max_attempts": 1}, read_timeout=0.5)
        clients = {}
        for row in json.loads(sys.argv[2]):
            identity = (row["key"], row["secret"], row.get("sessionToken"), row["region"])
            if identity not in clients:
                clients[identity] = boto3.client(
                    "swf", endpoint_url=sys.argv[1], region_name=row["region"], aws_access_key_id=row["key"],
                    aws_secret_access_key=row["secret"], aws_session_token=row.get("sessionToken"), config=config)
            shift = datetime.timedelta(seconds=row["skewSeconds"])
            botocore.auth.get_current_datetime = lambda *a, **k: clock(*a, **k) + shift
            try:
                answer = clients[identity].record_activity_task_heartbeat(taskToken=row["token"], details="50%")
                outcome = answer.get("cancelRequested")
            except botocore.exceptions.ClientError as error:
                answer, outcome = error.response, error.response["Error"]["Code"]
                if type(error) is not botocore.exceptions.ClientError:
                    outcome = f"{outcome} {type(error).__name__}"
            except botocore.exceptions.HTTPClientError as error:
                answer, outcome = None, type(error).__name__
            has_id = answer is None or len(answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]) == 36
            print(outcome, "" if has_id else "without a request id")
        """

    @Test func `botocore understands each answer`() throws {
        let simulator = try SimulatorProcess()
        let rows = String(decoding: try JSONEncoder().encode(Self.rows), as: UTF8.self)
        let lines = try Python.run(Self.program, [simulator.url, rows]).split(separator: "\n")
        try #require(lines.count == Self.rows.count)
        for (row, line) in zip(Self.rows, lines) {
            let expected = [row.outcome, row.exception, ""].compactMap { $0 }.joined(separator: " ")
            let text = Data(base64Encoded: row.token).map { String(decoding: $0, as: UTF8.self) }
            #expect(line == expected, "\(text ?? "") with \(row.key), \(row.region), \(row.skewSeconds) s ahead")
        }
    }
}
