import Foundation
import Heartbeat
import TestSupport
import Testing

/// A developer generates a client, and it works: good answers, every error, tokens with slashes.
@Suite(.timeLimit(.minutes(10)))
struct ClientTests {
    /// What a client's program prints that got all answers right.
    private static let expected =
        [
            "recorded false", "recorded false", "recorded false", "task 3 recorded 75%",
            #"page 75% {"rows":[1,2.5,null]}"#, "page 50% end", "front /problems", "problem nobody",
            "problems \(ErrorCode.allCases.count)", "document 3.1.0",
        ] + faults.map { line("service", $0.code) } + ["live ok", "ready true", "metrics true"]

    private static let faults = Scene.faultWords.filter { $0.word != "hang" }.compactMap { key, word in
        key.split(separator: " ").last.flatMap { ErrorCode(rawValue: String($0)) }.map { (code: $0, word: word) }
    }

    private static func line(_ source: String, _ code: ErrorCode) -> String {
        "\(source) \(code.rawValue) \(code.rawValue) \(code.status) \(code.isRetryable)"
    }

    /// Answers `POST /tasks/{code}/heartbeat` with the document's example of the code, which is what the service says:
    /// no well-made client can send what is answered with some of them. It has one member more, as later versions may.
    private static func replay() throws -> StubServer {
        let problems = try Example.all().values.filter { $0.media == "application/problem+json" }
        let answers = Dictionary(problems.map { ($0.key.split(separator: " ")[1], $0) }) { first, _ in first }
        return try StubServer { request in
            let code = request.line.split(separator: "/")[1...].dropFirst().first ?? ""
            guard let answer = answers[code], let example = answer.text else { return [.close] }
            let text = example.dropLast() + #","later":{"version":2}}"#
            return [
                .send(
                    "HTTP/1.1 \(answer.status) Refused\r\nContent-Type: \(answer.media)\r\n"
                        + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)")
            ]
        }
    }

    private static func check(_ run: ([String]) throws -> [String]) throws {
        let stage = try Stage()
        let replay = try replay()
        let directory = try TemporaryDirectory()
        let tokens = try directory.write(
            faults.map { "\($0.code.rawValue) \(Stage.token(for: $0.word))\n" }.joined(), to: "tokens")
        let lines = try withExtendedLifetime(directory) {
            try run([
                "http://127.0.0.1:\(stage.service.port)", Stage.workerKey,
                "http://127.0.0.1:\(stage.service.operationsPort)", replay.url, tokens,
            ])
        }
        let replayed = lines.filter { $0.hasPrefix("replay ") }
        #expect(lines.filter { !$0.hasPrefix("replay ") } == expected)
        #expect(Set(replayed) == Set(ErrorCode.allCases.map { line("replay", $0) }))
    }

    @Test func `a Python client gets every answer`() throws {
        try Self.check(Clients.shared().runPython)
    }

    @Test func `a Go client gets every answer`() throws {
        try Self.check(Clients.shared().runGo)
    }

    @Test func `a TypeScript client compiles`() throws {
        try Clients.shared().compileTypeScript()
    }
}
