import Foundation
import TestSupport
import Testing

/// `record` beside `aws swf record-activity-task-heartbeat`, at the same endpoint.
///
/// The same stands on standard output, both succeed or both fail, and a fault is one and the same line on standard
/// error. Where it is otherwise, the row says so, and why; a difference that is gone fails its row too.
@Suite(.timeLimit(.minutes(10)))
struct RecordAgainstAWSCLITests {
    enum Difference {
        /// Both fail, but say it in different words.
        case words
        /// Only we fail, and print nothing.
        case refusal
    }

    struct Row: CustomTestStringConvertible {
        var arguments: [String]
        var difference: Difference?
        /// Of the difference.
        var reason = ""

        init(_ arguments: [String], _ difference: Difference? = nil, _ reason: String = "") {
            self.arguments = arguments
            self.difference = difference
            self.reason = reason
        }

        var testDescription: String {
            arguments.map { $0.count > 60 ? "\($0.prefix(60))…" : $0 }.joined(separator: " ")
        }
    }

    // MARK: What SWF may answer

    private static let answers: [(word: String, difference: Difference?, reason: String)] =
        [
            "ok", "cancel", "slow:5", "unknown", "not-permitted", "limit", "validation", "serialization", "throttle",
            "unknown-operation", "denied", "expired-token", "unrecognized-client", "invalid-client-token",
            "missing-authentication", "opt-in", "incomplete-signature", "bad-signature", "signature-mismatch", "skew",
            "skew-ahead", "request-expired", "too-skewed", "internal", "unavailable", "redirect", "teapot", "301",
            "302", "307", "400", "403", "404", "408", "429", "500", "501", "502", "503", "504", "599",
        ].map { ($0, nil, "") }
        + ["garbage", "no-flag", "200", "201", "204"].map {
            ($0, .refusal, "a heartbeat that nobody confirmed is none, whatever the status")
        } + [
            ("large", .refusal, "SWF's answer has 25 bytes, and what is over 64 KiB is not read"),
            ("reset", .words, "libcurl's words on what broke are shown"),
            ("cut-headers", .words, "libcurl's words on what broke are shown"),
            ("cut-body", .words, "libcurl's words on what broke are shown"),
            ("300", .words, "the CLI has Unknown for it"),
        ]

    private static let queries: [String?] = [nil, "cancelRequested", "details"]

    /// - Parameter faultQuery: which no fault's text depends on, and each meets each once.
    @Test(arguments: zip(["json", "text", "table"], queries))
    func `every answer and fault is printed alike`(output: String, faultQuery: String?) throws {
        let rows = Self.answers.flatMap { answer in
            (["ok", "cancel", "slow:5"].contains(answer.word) ? Self.queries : [faultQuery]).map { query in
                Row(
                    ["--task-token", base64(answer.word), "--output", output]
                        + (query.map { ["--query", $0] } ?? []),
                    answer.difference, answer.reason)
            }
        }
        try compare(rows, at: SimulatorProcess())
    }

    @Test func `the list of answers is the simulator's`() throws {
        let help = try ChildProcess.run(Locations.product("swf-simulator"), ["--help"]).standardOutput
        let listed = Set(Self.answers.map(\.word))
        // Their column is the one that a token's words begin.
        let words = help.split(separator: "\n").compactMap { $0.firstMatch(of: /^ {2}([a-z][a-z-]*) {2,}/)?.output.1 }
        #expect(words.count >= 25)
        // Who waits for five minutes has another test.
        for word in words where word != "hang" { #expect(listed.contains(String(word)), "\(word)") }
    }

    // MARK: What may be asked for

    private static let token = base64("cancel#0123456789")

    private static let requests = [
        Row(["--task-token", token]),
        Row(["--task-token", token, "--details", "50% of a/b\\c \"d\" é 😀\u{7F}\n"]),
        Row(["--task-token", token, "--details", ""]),
        Row(["--task-token", token, "--query", "\"cancelRequested\""]),
        Row(["--task-token", token, "--query", "_1", "--output", "text"]),
        Row(["--task-token", token, "--details=-x"]),
        Row(["--task-token=\(token)", "--details", "a", "--details", "b"]),
        Row(["--task-token", token, "--details", String(repeating: "é", count: 2048)]),
        Row(["--cli-input-json", "{\"taskToken\": \"\(token)\", \"details\": \"\\u00e9\\ud83d\\ude00\"}"]),
        Row(["--cli-input-json", "{\"taskToken\": \"b2s=\", \"details\": \"a\"}", "--task-token", token]),
        Row(["--cli-input-json", "{\"taskToken\": \"\(token)\", \"details\": 5}", "--details", "b"]),
        Row(["--cli-input-json", "{\"details\": \"a\"}", "--task-token", token]),
        Row(["--task-token", token, "--generate-cli-skeleton"]),
        Row(["--generate-cli-skeleton", "input", "--output", "text"]),
        Row(["--generate-cli-skeleton"]),
        Row(["--task-token", token, "--generate-cli-skeleton", "output"]),
        Row(["--task-token", token, "--generate-cli-skeleton", "output", "--output", "text"]),
        Row(["--task-token", token, "--generate-cli-skeleton", "output", "--output", "table", "--query", "x"]),
        Row(["--task-token", token, "--no-sign-request"]),
        Row(["--task-token", token, "--no-verify-ssl", "--cli-read-timeout", "0", "--cli-connect-timeout", "0"]),
        Row(["--task-token", token, "--ca-bundle", "/nowhere"]),
    ]

    @Test func `what is asked for is sent alike`() throws {
        let directory = try TemporaryDirectory()
        let json = try directory.write("{\"taskToken\": \"\(Self.token)\",\n \"details\": \"é\"}\n", to: "input.json")
        let details = try directory.write("from a file, é\n", to: "details.txt")
        let simulator = try SimulatorProcess()
        try compare(
            Self.requests + [
                Row(["--cli-input-json", "file://\(json)"]),
                Row(["--cli-input-json", "file://\(json)", "--details", "file://\(details)"]),
            ], at: simulator)
        let calls = try #require(
            JSONSerialization.jsonObject(with: Data(simulator.calls().utf8)) as? [String: Any])
        let sent = try #require(calls["calls"] as? [[String: Any]]).map {
            [$0["taskToken"] as? String, $0["details"] as? String]
        }
        let half = sent.count / 2
        #expect(half >= 15)
        #expect(Array(sent.prefix(half)) == Array(sent.suffix(half)))
    }

    private static let refusals = [
        Row([], .words, "the argument parser's"),
        Row(["--task-token", ""], .words, "ours say what to do"),
        Row(["--task-token"], .words, "the argument parser's"),
        Row(["--task-token", token, "--details"], .words, "the argument parser's"),
        Row(["--task-token", token, "--details", "-x"], .words, "the argument parser's"),
        Row(["--task-token", token, "--nonsense"], .words, "the argument parser's"),
        Row(["--task-token", token, "--output", "yaml"], .words, "the argument parser's"),
        Row(["--task-token", token, "--query", ""], .words, "ours say what there is"),
        Row(["--task-token", token, "--query", "a b"], .words, "ours say what there is"),
        Row(["--task-token", token, "--generate-cli-skeleton", "both"], .words, "the argument parser's"),
        Row(["--generate-cli-skeleton", "output"], .words, "the argument parser's"),
        Row(["--cli-input-json", "{\"details\": \"a\"}"], .words, "ours name the option"),
        Row(["--cli-input-json", "{\"taskToken\": 5}"], .words, "ours name the option"),
        Row(["--cli-input-json", "{\"taskToken\": \"x\", \"details\": null}"], .words, "ours name the option"),
        Row(["--cli-input-json", "{\"taskToken\": \"x\", \"other\": \"\"}"], .words, "ours name the option"),
        Row(["--cli-input-json", "nope"], .words, "ours do not repeat what may hold the token"),
        Row(["--cli-input-json", "[]"], .words, "ours name the option"),
        Row(["--cli-input-json", "file:///nowhere"], .words, "ours are the system's"),
        Row(["--details", "file:///nowhere", "--task-token", token], .words, "ours are the system's"),
        Row(["--task-token", token, "--cli-read-timeout", "x"], .words, "the argument parser's"),
        Row(["--task-token", token, "--region", "a b"], .words, "ours give an example"),
        Row(["--task-token", token, "--endpoint-url", "nope"], .words, "ours say what else is not taken"),
        Row(["--task-token", token, "--endpoint-url", "http://127.0.0.1:1"], .words, "libcurl's words are shown"),
        Row(["--task-token", String(repeating: "x", count: 1025)], .words, "the limits are checked before sending"),
        Row(
            ["--task-token", token, "--details", String(repeating: "x", count: 2049)], .words,
            "the limits are checked before sending"),
        Row(
            ["--task-token", token, "--query", "@"], .refusal,
            "of JMESPath, only names of members: the answer has one member"),
        Row(["--task-token", token, "--query", "cancelRequested.x"], .refusal, "likewise"),
        Row(["--task-token", token, "--query", "'text'"], .refusal, "likewise"),
        Row(["--task-token", token, "--query", " cancelRequested"], .refusal, "likewise"),
        Row(
            ["--cli-input-json", "{\"taskToken\": \"x\", \"taskToken\": \"y\"}"], .refusal,
            "two readers could take it differently"),
        Row(["--task-tok", token], .refusal, "options have to be written out, so that new ones break no script"),
        Row(
            ["--cli-connect-timeout", "-1", "--task-token", token], .words, "the argument parser's"),
    ]

    @Test func `what cannot be sent is refused by both, or with a reason`() throws {
        try compare(Self.refusals, at: SimulatorProcess())
    }

    @Test func `who waits too long reads the same`() throws {
        try compare(
            [Row(["--task-token", base64("hang"), "--cli-read-timeout", "1"])], at: SimulatorProcess())
    }

    // MARK: Comparing

    /// - Parameter rows: run by the CLI one after the other, and then by us.
    private func compare(_ rows: [Row], at simulator: SimulatorProcess) throws {
        let environment = [
            "AWS_ACCESS_KEY_ID": SimulatorProcess.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": SimulatorProcess.secretAccessKey,
            // Either has a schedule of its own for retries.
            "AWS_MAX_ATTEMPTS": "1",
        ]
        let common = ["--endpoint-url", simulator.url, "--region", SimulatorProcess.region]
        let theirs = try AWSCommandLine.run(
            rows.map { ["swf", "record-activity-task-heartbeat"] + common + $0.arguments }, environment: environment)
        for (row, theirs) in zip(rows, theirs) {
            // Options that come twice count as they came last, for both.
            let ours = try runFacade(["record"] + common + row.arguments, environment: environment)
            check(row, ours, theirs)
        }
    }

    private func check(_ row: Row, _ ours: ChildProcess.Output, _ theirs: AWSCommandLine.Result) {
        let succeeded = ours.exit == .exited(0)
        let message = Comment(rawValue: "\(row.testDescription): \(ours), \(theirs)")
        switch row.difference {
        case nil:
            #expect(ours.standardOutput == theirs.standardOutput, message)
            #expect(succeeded == (theirs.code == 0), message)
            #expect(ours.standardError.asLine == theirs.standardError.asLine, message)
        case .words:
            #expect(ours.standardOutput == theirs.standardOutput, message)
            #expect(!succeeded && theirs.code != 0, message)
            #expect(ours.standardError.asLine != theirs.standardError.asLine, message)
            #expect(!ours.standardError.isEmpty, message)
        case .refusal:
            #expect(ours.standardOutput == "", message)
            #expect(!succeeded && theirs.code == 0, message)
            #expect(!ours.standardError.isEmpty, message)
        }
    }
}

extension String {
    /// What the CLI says of retries depends on its own, and it begins with an empty line.
    fileprivate var asLine: String {
        replacing(/\ \(reached max retries: \d+\)/, with: "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
