import Foundation
import TestSupport
import Testing

/// `record --url`.
@Suite(.timeLimit(.minutes(10)))
struct RecordThroughFacadeTests {
    private static let withKey = ["HEARTBEAT_API_KEY": Service.key]

    private func record(
        _ url: String, _ token: String, _ more: [String] = [], environment: [String: String] = withKey
    ) throws -> ChildProcess.Output {
        try runFacade(["record", "--url", url, "--task-token", token] + more, environment: environment)
    }

    @Test func `what is printed is what SWF's own answer would print`() throws {
        let service = try Service()
        let url = "http://127.0.0.1:\(service.process.port)"
        let details = "50% \"é\" 😀"
        let json = try record(url, base64("cancel"), ["--details", details])
        #expect(json.exit == .exited(0))
        #expect(json.standardOutput == "{\n    \"cancelRequested\": true\n}\n")
        #expect(try service.database.query("SELECT details FROM heartbeat_audit") == [[details]])
        #expect(try record(url + "/", base64("ok"), ["--output", "text"]).standardOutput == "False\n")
        #expect(
            try record(url, base64("ok"), ["--query", "cancelRequested"]).standardOutput == "false\n")

        let unknown = try record(url, base64("unknown"))
        #expect(unknown.exit == .exited(1))
        #expect(unknown.standardOutput == "")
        #expect(
            unknown.standardError.hasPrefix(
                "An error occurred (unknown_task) when calling \(url)/tasks/heartbeat: "), "\(unknown)")
        #expect(unknown.standardError.contains(/\(request [A-Za-z0-9._-]+\)\n$/), "\(unknown)")
        let throttled = try record(url, base64("throttle"))
        #expect(throttled.standardError.contains(#/\(upstream_throttled\).*\(try again after \d+ s; request /#))
        let stranger = try record(url, "x", ["--key", "wrong-key"], environment: [:])
        #expect(stranger.exit == .exited(1))
        #expect(stranger.standardError.contains("(unauthenticated)"))
    }

    @Test func `the key comes from where it is given first`() throws {
        let server = try StubServer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{\"cancelRequested\":false}")]
        }
        let directory = try TemporaryDirectory()
        let (first, second) = (
            try directory.write("from-file\n", to: "first"), try directory.write("from-variable-file", to: "second")
        )
        let all = ["HEARTBEAT_API_KEY": "from-variable", "HEARTBEAT_API_KEY_FILE": second]
        let rows: [(key: String, arguments: [String], environment: [String: String])] = [
            ("from-option", ["--key", "from-option"], all),
            ("from-file", ["--key-file", first], all),
            ("from-variable", [], all),
            ("from-variable-file", [], ["HEARTBEAT_API_KEY": "", "HEARTBEAT_API_KEY_FILE": second]),
        ]
        for row in rows {
            let output = try record(server.url + "/prefix/", "x", row.arguments, environment: row.environment)
            #expect(output.exit == .exited(0), "\(output)")
            let request = try #require(server.requests.last)
            #expect(request.line == "POST /prefix/tasks/heartbeat HTTP/1.1")
            #expect(request.values(of: "authorization") == ["Bearer \(row.key)"])
        }
        let debug = try record(server.url, "token-of-a-task", ["--debug", "--key", "secret-key"], environment: [:])
        #expect(debug.standardError.contains("> {\"taskToken\":\"<task token>\"}\n"))
        #expect(!debug.standardError.contains("secret-key") && !debug.standardError.contains("token-of"))
    }

    @Test func `what is no facade is said to be none`() throws {
        let rows: [(answer: String, words: String)] = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "is not a facade's: it has no boolean cancelRequested."),
            ("HTTP/1.1 502 X\r\nContent-Length: 6\r\n\r\n<html>", "An error occurred (502) when calling "),
            ("HTTP/1.1 301 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "(301)"),
            ("nonsense\r\n\r\n", "No answer from "),
        ]
        for row in rows {
            let server = try StubServer { _ in [.send(row.answer), .close] }
            let output = try record(server.url, "x")
            #expect(output.exit == .exited(1))
            #expect(output.standardError.contains(row.words), "\(output)")
        }
        let silent = try StubServer { _ in [.waitForClose] }
        let output = try record(silent.url, "x", ["--cli-read-timeout", "1"])
        #expect(output.standardError.hasSuffix("has not answered in time.\n"), "\(output)")
    }

    @Test func `options that have no place are refused`() throws {
        let rows: [(arguments: [String], environment: [String: String])] = [
            (["--url", "http://h"], [:]),
            (["--url", "http://h"], ["HEARTBEAT_API_KEY": "a b"]),
            (["--url", "http://h", "--key", "k", "--key-file", "f"], [:]),
            (["--url", "http://h", "--key-file", "/nowhere"], [:]),
            (["--url", "http://h", "--region", "us-east-1"], Self.withKey),
            (["--url", "http://h", "--no-sign-request"], Self.withKey),
            (["--url", "ftp://h"], Self.withKey),
            (["--url", "http://user@h"], Self.withKey),
            (["--url", "http://h/?q"], Self.withKey),
            (["--url", "http://"], Self.withKey),
            (["--key-file", "f"], Self.withKey),
        ]
        for row in rows {
            let output = try runFacade(
                ["record", "--task-token", "x"] + row.arguments, environment: row.environment)
            #expect(output.exit == .exited(64), "\(row.arguments): \(output)")
        }
    }

    @Test func `certificates are verified, by the authorities given, or not at all where that is asked for`() throws {
        let authority = try CertificateAuthority()
        let pair = try authority.issue("/CN=localhost")
        let service = try Service([
            "HEARTBEAT_TLS_CERTIFICATE": pair.certificate, "HEARTBEAT_TLS_PRIVATE_KEY": pair.key,
        ])
        let url = "https://localhost:\(service.process.port)"
        let strange = try record(url, base64("ok"))
        #expect(strange.exit == .exited(1))
        #expect(strange.standardError.hasPrefix("No answer from \(url)/tasks/heartbeat: SSL"), "\(strange)")
        for trust in [["--ca-bundle", authority.authority.certificate], ["--no-verify-ssl"]] {
            #expect(try record(url, base64("ok"), trust).exit == .exited(0))
            // The service is no SWF, but answers for all to see whether TLS went well.
            let direct = try runFacade(
                ["record", "--endpoint-url", url, "--task-token", "x", "--no-sign-request"] + trust,
                environment: ["AWS_REGION": "us-east-1"])
            #expect(direct.standardError.hasPrefix("An error occurred (method_not_allowed) when calling "), "\(direct)")
        }
        let direct = try runFacade(
            ["record", "--endpoint-url", url, "--task-token", "x", "--no-sign-request"],
            environment: ["AWS_REGION": "us-east-1"])
        #expect(direct.exit == .exited(1))
        #expect(direct.standardError.hasPrefix("SSL validation failed for \(url)/ ("), "\(direct)")
    }
}
