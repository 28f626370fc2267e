import Fleet
import Foundation
import SigningClient
import TestSupport
import Testing

struct LegacyRetriesTests {
    private struct Row: Decodable {
        let code: String
        let status, attempts: Int
        /// In seconds; nil: no further attempt.
        let pause: Double?
    }

    /// With the longest pauses.
    private static let program = """
        import json, random
        import botocore.retryhandler, botocore.loaders, botocore.awsrequest
        from botocore import translate
        random.random = lambda: 1.0
        loader = botocore.loaders.Loader()
        config = translate.build_retry_config("swf", loader.load_data("_retry")["retry"],
            loader.load_data("_retry").get("definitions", {}), None)
        handler = botocore.retryhandler.create_retry_handler(config, "RecordActivityTaskHeartbeat")
        rows = []
        for code, status in [("ThrottlingException", 400), ("Throttling", 400), ("ThrottledException", 400),
                ("RequestThrottledException", 400), ("ProvisionedThroughputExceededException", 400),
                ("UnknownResourceFault", 400), ("LimitExceededFault", 400), ("SlowDown", 400), ("Other", 429),
                ("InternalFailure", 500), ("Other", 502), ("ServiceUnavailable", 503), ("Other", 504), ("Other", 509),
                ("Other", 403), ("Other", 501)]:
            for attempts in range(1, 6):
                answer = botocore.awsrequest.AWSResponse("http://x", status, {}, None)
                parsed = {"Error": {"Code": code}, "ResponseMetadata": {}}
                pause = handler(attempts=attempts, response=(answer, parsed), caught_exception=None,
                    request_dict={"context": {}}, event_name="", operation=None)
                rows.append({"code": code, "status": status, "attempts": attempts, "pause": pause})
        print(json.dumps(rows))
        """

    @Test func `the workers' retries are botocore's`() throws {
        let rows = try JSONDecoder().decode([Row].self, from: Data(Python.run(Self.program).utf8))
        #expect(rows.contains { $0.pause == 8 } && rows.contains { $0.pause == nil })
        for row in rows {
            let failure = CallFailure.fault(Fault(type: row.code, status: row.status))
            let pause = LegacyRetries.pause(after: failure, attempts: row.attempts, random: 1)
            #expect(pause.map { $0 / .seconds(1) } == row.pause, "\(row)")
        }
    }
}
