import Foundation
import SigV4
import TestSupport
import Testing

@testable import swf_simulator

/// The real process, over its socket.
struct ProcessTests {
    private static func call(_ text: String) -> Call {
        var call = Call(token: token(text))
        call.key = Credentials(
            accessKeyID: SimulatorProcess.accessKeyID, secretAccessKey: SimulatorProcess.secretAccessKey)
        call.time = Timestamp(epochSeconds: Int64(Date().timeIntervalSince1970))
        return call
    }

    private static func bytes(_ call: Call) -> [UInt8] {
        let head = call.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return Array("POST / HTTP/1.1\r\n\(head)Content-Length: \(call.body.utf8.count)\r\n\r\n\(call.body)".utf8)
    }

    @Test func `answers a signed call with a request id of its own`() throws {
        let simulator = try SimulatorProcess()
        let client = try simulator.client()
        var identifiers: Set<String> = []
        for _ in 0..<2 {
            try client.send(Self.bytes(Self.call("cancel")))
            let response = try client.receive()
            #expect(response.status == 200)
            #expect(response.text == #"{"cancelRequested":true}"#)
            #expect(response["Content-Type"] == "application/json")
            identifiers.insert(try #require(response["x-amzn-RequestId"]))
        }
        #expect(identifiers.count == 2 && identifiers.allSatisfy { UUID(uuidString: $0) != nil })
    }

    @Test func `a reset closes without a byte`() throws {
        let simulator = try SimulatorProcess()
        let client = try simulator.client()
        try client.send(Self.bytes(Self.call("reset")))
        #expect(try client.readToEnd() == [])
        #expect(try simulator.calls().contains(#""byAnswer":{"reset":1}"#))
    }

    @Test(arguments: [
        ("cut-headers", "HTTP/1.1 200 OK\r\nDate: ", ""), ("cut-body", "HTTP/1.1 200 OK", #"{"cancelRequest"#),
    ])
    func `a cut closes within the answer`(_ word: String, _ start: String, _ end: String) throws {
        let simulator = try SimulatorProcess()
        let client = try simulator.client()
        try client.send(Self.bytes(Self.call(word)))
        let text = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(text.hasPrefix(start) && text.hasSuffix(end))
        #expect(text.contains("\r\n\r\n") == !end.isEmpty)
    }

    @Test(arguments: [
        ("20m", 400, "Signature expired"), ("-20m", 400, "not yet current"), ("4m", 200, "cancelRequested"),
    ])
    func `its clock can be wrong, and Date says so`(_ offset: String, _ status: Int, _ words: String) throws {
        let simulator = try SimulatorProcess(["--clock-offset", offset])
        let client = try simulator.client()
        try client.send(Self.bytes(Self.call("ok")))
        let response = try client.receive()
        #expect(response.status == status)
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        let text = try #require(response["Date"])
        let date = try #require(formatter.date(from: text))
        let offset = try #require(ClockOffset(argument: offset))
        // Far less than the offsets' differences, far more than the test takes.
        #expect(abs(date.timeIntervalSinceNow - Double(offset.seconds)) < 100)
        #expect(response.text.contains(words))
    }

    @Test func `tells of the calls and forgets them`() throws {
        let simulator = try SimulatorProcess()
        let client = try simulator.client()
        try client.send(Self.bytes(Self.call("ok#1")))
        _ = try client.receive()
        let calls = try client.get("/calls")
        #expect(calls.status == 200 && calls["Content-Type"] == "application/json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(calls.body)) as? [String: Any])
        #expect(json["total"] as? Int == 1)
        #expect((json["last"] as? [String: Any])?["taskToken"] as? String == token("ok#1"))
        #expect((json["connections"] as? [String: Int]) == ["open": 1, "accepted": 1])
        #expect(try client.request("DELETE", "/calls").status == 204)
        #expect(try client.get("/calls").text.contains(#""total":0"#))
    }

    @Test func `its own routes answer plainly`() throws {
        let simulator = try SimulatorProcess()
        let client = try simulator.client()
        #expect(try client.get("/health").status == 200)
        #expect(try client.request("HEAD", "/calls").status == 200)
        let rows = [("GET", "/", 405, "POST"), ("POST", "/calls", 405, "GET, HEAD, DELETE"), ("GET", "/nil", 404, nil)]
        for (method, path, status, allow) in rows {
            let response = try client.request(method, path, body: [])
            #expect(response.status == status && response["Allow"] == allow, "\(method) \(path)")
            #expect(response["Content-Type"] == "text/plain; charset=utf-8")
        }
    }

    @Test func `follows its script`() throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/script.json"
        let script =
            #"[{"token":"*","answers":[{"kind":"throttle"},{"status":200,"headers":{"X-Own":"1"},"body":"b"}]}]"#
        try script.write(toFile: path, atomically: false, encoding: .utf8)
        let simulator = try SimulatorProcess(["--script", path])
        let client = try simulator.client()
        try client.send(Self.bytes(Self.call("ok")) + Self.bytes(Self.call("ok")))
        #expect(try client.receive()["x-amzn-ErrorType"] == "ThrottlingException")
        let second = try client.receive()
        #expect(second.status == 200 && second["X-Own"] == "1" && second.text == "b")
    }

    @Test func `a latency holds for answers without their own`() throws {
        let simulator = try SimulatorProcess(["--latency", "300s"])
        let quick = try simulator.client()
        try quick.send(Self.bytes(Self.call("slow:0")))
        #expect(try quick.receive().status == 200)
        let slow = try RawHTTPClient(port: simulator.port, deadline: .milliseconds(300))
        try slow.send(Self.bytes(Self.call("ok")))
        #expect(throws: RawHTTPClient.Failure.timeout) { try slow.receive() }
    }

    @Test(arguments: [SIGTERM, SIGINT]) func `a signal ends it, whatever is under way`(_ signal: Int32) throws {
        let simulator = try SimulatorProcess()
        let client = try simulator.client()
        try client.send(Self.bytes(Self.call("hang")))
        // Once the call is counted it is under way.
        let isUnderWay = try (0..<1000).contains { _ in try simulator.calls().contains(#""hang":1"#) }
        try #require(isUnderWay)
        simulator.child.signal(signal)
        #expect(try simulator.child.waitForExit() == .exited(0))
    }

    @Test func `says what is wrong with its script, and exits as for a bad configuration`() throws {
        let output = try ChildProcess.run(Locations.product("swf-simulator"), ["--script", "/nonexistent/script"])
        #expect(output.exit == .exited(78))
        #expect(
            output.standardError
                == "swf-simulator: /nonexistent/script: open /nonexistent/script: No such file or directory\n")
    }

    @Test func `says where it cannot listen`() throws {
        let simulator = try SimulatorProcess()
        let output = try ChildProcess.run(
            Locations.product("swf-simulator"), ["--listen", "127.0.0.1:\(simulator.port)"])
        #expect(output.exit == .exited(1))
        #expect(output.standardError.contains("Address already in use"))
        #expect(output.standardOutput == "")
    }
}
