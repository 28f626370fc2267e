import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct OperationsPageTests {
    /// The events of the page, on a connection of their own.
    private struct Events {
        let head: String
        private let client: RawHTTPClient

        init(_ service: Service, after id: String? = nil) throws {
            client = try RawHTTPClient(port: service.process.operationsPort)
            let field = id.map { "Last-Event-ID: \($0)\r\n" } ?? ""
            try client.send("GET /events HTTP/1.1\r\nHost: x\r\n\(field)\r\n")
            head = try client.receive(until: "\r\n\r\n")
        }

        func next() throws -> (id: String, data: String) {
            let lines = try client.receive(until: "\n\n").split(separator: "\n")
            let id = lines.first { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
            let data = lines.filter { $0.hasPrefix("data: ") }.map { $0.dropFirst(6) }
            guard let id, lines.first == "retry: 2000" else { throw SupportError("no event: \(lines)") }
            return (id, data.joined(separator: "\n"))
        }

        /// The next one with `text` in it.
        func next(with text: String) throws -> (id: String, data: String) {
            while true {
                let event = try next()
                if event.data.contains(text) { return event }
            }
        }

        func readToEnd() throws -> [UInt8] { try client.readToEnd() }
    }

    /// What is in the row of an outcome, beside its rate.
    private func has(_ html: String, _ code: String, _ status: Int, total: Int) -> Bool {
        let row = html.split(separator: "<tr>").first { $0.hasPrefix("<td><code>\(code)</code></td>") }
        return row?.contains("<td class=\"n\">\(status)</td>") == true
            && row?.contains("<td class=\"n\">\(total)</td></tr>") == true
    }

    @Test func `the page shows what the service has done`() throws {
        let service = try Service()
        #expect(try service.heartbeat(base64("ok")).status == 200)
        let failed = try service.heartbeat(base64("unknown"))
        // The numbers are those of the last look.
        let events = try Events(service)
        _ = try events.next(with: "<p class=\"note\">2 in all</p>")
        let page = try service.process.operations("/")
        #expect(page.status == 200)
        #expect(page["Content-Type"] == "text/html; charset=utf-8")
        #expect(page["Cache-Control"] == "no-store")
        #expect(page["Content-Security-Policy"]?.contains("default-src 'none'") == true)
        #expect(has(page.text, "recorded", 200, total: 1))
        #expect(has(page.text, "unknown_task", 404, total: 1))
        #expect(
            page.text.contains("<td><code>\(failed["X-Request-Id"] ?? "none")</code></td><td>UnknownResourceFault</td>")
        )
        #expect(
            page.text.contains(/<td>demo<\/td><td class="n">[\d.]+<\/td><td class="n">2<\/td><td class="n">1<\/td>/))
        #expect(page.text.contains("<dt>postgresql</dt><dd>good</dd>"))
        #expect(page.text.contains("<span class=\"live\" role=\"status\">snapshot</span>"))
        for token in ["ok", "unknown"] { #expect(!page.text.contains(base64(token))) }
    }

    @Test func `what belongs to the page, and what may be asked of it`() throws {
        let service = try Service()
        for (path, type) in [("/page.css", "text/css; charset=utf-8"), ("/page.js", "text/javascript; charset=utf-8")] {
            let response = try service.process.operations(path)
            #expect(response.status == 200)
            #expect(response["Content-Type"] == type)
            #expect(response["X-Content-Type-Options"] == "nosniff")
        }
        let client = try RawHTTPClient(port: service.process.operationsPort)
        #expect(try client.request("HEAD", "/").status == 200)
        let post = try client.post("/")
        #expect(post.status == 405)
        #expect(post["Allow"] == "GET, HEAD")
        let head = try client.request("HEAD", "/events")
        #expect(head["Content-Type"] == "text/event-stream")
        #expect(try client.readToEnd() == [])
    }

    @Test func `events come as long as somebody takes them, and end with the service`() throws {
        let service = try Service()
        let events = try Events(service)
        #expect(events.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(events.head.contains("\r\nContent-Type: text/event-stream\r\n"))
        #expect(events.head.contains("\r\nCache-Control: no-store\r\n"))
        let first = try events.next()
        #expect(first.data.contains("<p class=\"note\">0 in all</p>"))
        let second = try events.next()
        #expect(second.id != first.id)
        #expect(try service.heartbeat(base64("ok")).status == 200)
        #expect(has(try events.next(with: "<p class=\"note\">1 in all</p>").data, "recorded", 200, total: 1))
        service.process.child.signal(SIGTERM)
        _ = try events.readToEnd()
        #expect(try service.process.child.waitForExit() == .exited(0))
    }

    @Test func `who has seen an event is not sent it again`() throws {
        let service = try Service()
        let event = try Events(service).next()
        #expect(try Events(service, after: event.id).next().id != event.id)
        #expect(try Events(service, after: "another-process-1").next().data.contains("ready</p>"))
    }

    @Test func `so many may look at a time, and others once one has gone`() throws {
        let service = try Service()
        var all = try (0..<16).map { _ in try Events(service) }
        for events in all { #expect(events.head.hasPrefix("HTTP/1.1 200 OK\r\n")) }
        let refused = try Events(service)
        #expect(refused.head.hasPrefix("HTTP/1.1 503 "))
        #expect(refused.head.contains("\r\nRetry-After: 10\r\n"))
        all.removeLast()
        try service.process.wait(for: "a place") { try Events(service).head.hasPrefix("HTTP/1.1 200 OK\r\n") }
        #expect(try service.process.operations("/readyz").status == 200)
    }

    @Test func `a task that falls silent is shown by its token's hash`() throws {
        let service = try Service()
        let headers = Service.headers + [(name: "Heartbeat-Timeout", value: "1")]
        #expect(try service.heartbeat(base64("ok#silent"), headers: headers).status == 200)
        let hash = try service.database.query(
            "SELECT left(encode(task_token_sha256, 'hex'), 16) FROM heartbeat_audit")[0][0]
        let shown = try Events(service).next(with: "<code>\(hash)</code></td><td>demo</td>").data
        #expect(shown.contains("The last 1 of 1."))
        #expect(!shown.contains(base64("ok#silent")))
        #expect(try service.heartbeat(base64("ok#silent"), headers: Service.headers).status == 200)
        #expect(try Events(service).next(with: "None that is known.").data.contains("The last 0 of 0."))
    }

    @Test func `it can be switched off`() throws {
        let service = try Service(["HEARTBEAT_OPERATIONS_PAGE": "off"])
        #expect(try service.heartbeat(base64("ok")).status == 200)
        for path in ["/", "/events", "/page.js", "/page.css"] {
            #expect(try service.process.operations(path).status == 404)
        }
        #expect(try service.process.operations("/metrics").status == 200)
    }

    @Test func `in a browser the numbers change by themselves, and without scripts they are there`() throws {
        let service = try Service()
        let program = "\(Locations.packageRoot)/Tests/ServiceTests/browser.py"
        let url = "http://127.0.0.1:\(service.process.operationsPort)/"
        let browser = try ChildProcess(
            Python.interpreter(), [program, url, " 3 in all "],
            environment: ["PATH": Locations.path, "PYTHONUTF8": "1"])
        let shown = try browser.waitForLine(on: .standardOutput) { $0.hasPrefix("shown: ") }
        #expect(shown.contains(" 0 in all "))
        #expect(shown.contains(" UTC live "))
        for _ in 0..<3 { #expect(try service.heartbeat(base64("ok")).status == 200) }
        let changed = try browser.waitForLine(on: .standardOutput) { $0.hasPrefix("changed: ") }
        #expect(changed.contains(" 3 in all "))
        let still = try browser.waitForLine(on: .standardOutput) { $0.hasPrefix("without script: ") }
        #expect(still.contains(" 3 in all "))
        #expect(still.contains("snapshot"))
        #expect(try browser.waitForLine(on: .standardOutput) { $0.hasPrefix("complaints: ") } == "complaints: []")
        #expect(try browser.waitForExit() == .exited(0))
    }
}
