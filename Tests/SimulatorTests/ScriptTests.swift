import Testing

@testable import swf_simulator

struct ScriptTests {
    private static func kinds(
        _ script: Script, _ tokens: [String], of operation: Operation = .recordHeartbeat
    ) -> [String?] {
        var script = script
        return tokens.map { script.next(for: $0, operation)?.kind }
    }

    private static func script(_ json: String) throws -> Script {
        try Script(json: Array(json.utf8))
    }

    @Test func `answers go out in order and the last repeats`() throws {
        let script = try Self.script(#"[{"token":"a","answers":[{"kind":"throttle"},{"kind":"500"},{"kind":"ok"}]}]"#)
        #expect(Self.kinds(script, ["a", "a", "a", "a"]) == ["throttle", "500", "ok", "ok"])
    }

    @Test func `rules count for themselves, and one for all tokens counts them together`() throws {
        let script = try Self.script(
            """
            [{"token":"a","answers":[{"kind":"unknown"},{"kind":"ok"}]},
             {"token":"*","answers":[{"kind":"throttle"},{"kind":"cancel"}]}]
            """)
        #expect(Self.kinds(script, ["b", "a", "c", "a"]) == ["throttle", "unknown", "cancel", "ok"])
    }

    @Test func `the first rule that matches counts`() throws {
        let script = try Self.script(
            """
            [{"token":"*","answers":[{"kind":"cancel"}]},{"token":"a","answers":[{"kind":"unknown"}]}]
            """)
        #expect(Self.kinds(script, ["a"]) == ["cancel"])
    }

    @Test func `a rule may be for one operation`() throws {
        let script = try Self.script(
            """
            [{"token":"*","operation":"RespondActivityTaskCanceled","answers":[{"kind":"throttle"}]},
             {"token":"a","answers":[{"kind":"cancel"}]}]
            """)
        #expect(Self.kinds(script, ["a", "b"]) == ["cancel", nil])
        #expect(Self.kinds(script, ["a", "b"], of: .respondCanceled) == ["throttle", "throttle"])
    }

    @Test func `a token without a rule has no scripted answer`() throws {
        #expect(Self.kinds(try Self.script(#"[{"token":"a","answers":[{"kind":"ok"}]}]"#), ["b"]) == [nil])
        #expect(Self.kinds(try Self.script("[]"), ["b"]) == [nil])
    }

    @Test func `answers are words or raw, with their latency`() throws {
        var script = try Self.script(
            """
            [{"token":"*","answers":[
                {"kind":"cancel","latencyMs":20},
                {"kind":"slow:7","latencyMs":0},
                {"status":429,"headers":{"x-amz-retry-after":"250"},"body":"{}","latencyMs":300000},
                {"status":200}]}]
            """)
        var cancel = Answer.success(kind: "cancel", cancelRequested: true)
        cancel.latency = .milliseconds(20)
        #expect(script.next(for: "a", .recordHeartbeat) == cancel)
        #expect(script.next(for: "a", .recordHeartbeat)?.latency == .zero)
        var raw = Answer(kind: "raw", status: 429, fields: ["x-amz-retry-after": "250"], body: "{}")
        raw.latency = .seconds(300)
        #expect(script.next(for: "a", .recordHeartbeat) == raw)
        #expect(script.next(for: "a", .recordHeartbeat) == Answer(kind: "raw", status: 200))
    }

    struct Mistake: NamedRow {
        let name: String
        let json: String
        let told: String

        init(_ name: String, _ json: String, _ told: String) {
            (self.name, self.json, self.told) = (name, json, told)
        }
    }

    static let mistakes = [
        Mistake("not JSON", "[", "not valid JSON"),
        Mistake("no list", "{}", "Array"),
        Mistake("no token", #"[{"answers":[]}]"#, "[0]: token is missing"),
        Mistake("no answers", #"[{"token":"a"}]"#, "[0]: answers is missing"),
        Mistake("an empty list of answers", #"[{"token":"a","answers":[]}]"#, "[0].answers: there are none"),
        Mistake(
            "a misspelt member of a rule", #"[{"token":"a","answer":[]}]"#, "[0].answer: there is no such member"),
        Mistake(
            "an operation that there is not", #"[{"token":"a","operation":"Respond","answers":[{"kind":"ok"}]}]"#,
            "[0].operation: there is no such operation here"),
        Mistake(
            "a misspelt member of an answer", #"[{"token":"a","answers":[{"kind":"ok","latency":1}]}]"#,
            "[0].answers[0].latency: there is no such member"),
        Mistake(
            "an unknown kind", #"[{"token":"a","answers":[{"kind":"ok"},{"kind":"nil"}]}]"#,
            "[0].answers[1].kind: there is no such answer"),
        Mistake(
            "a kind and a status", #"[{"token":"a","answers":[{"kind":"ok","status":200}]}]"#,
            "[0].answers[0].kind: excludes"),
        Mistake("neither", #"[{"token":"a","answers":[{"body":""}]}]"#, "[0].answers[0]: status is missing"),
        Mistake(
            "an interim status", #"[{"token":"a","answers":[{"status":100}]}]"#,
            "[0].answers[0].status: not 200 to 599"),
        Mistake(
            "a header of the server's", #"[{"token":"a","answers":[{"status":200,"headers":{"DATE":""}}]}]"#,
            "[0].answers[0].headers: DATE is the server's"),
        Mistake(
            "too long a latency", #"[{"token":"a","answers":[{"kind":"ok","latencyMs":300001}]}]"#,
            "[0].answers[0].latencyMs: not 0 to 300000"),
        Mistake(
            "a negative latency", #"[{"token":"a","answers":[{"kind":"ok","latencyMs":-1}]}]"#,
            "[0].answers[0].latencyMs: not 0 to 300000"),
    ]

    @Test(arguments: mistakes) func `a script's mistake is told with its place`(_ mistake: Mistake) throws {
        let fault = try #require(throws: ScriptFault.self) { try Self.script(mistake.json) }
        #expect("\(fault)".contains(mistake.told), "\(fault)")
    }
}
