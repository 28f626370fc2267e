import Heartbeat
import Testing

@testable import OperatorPage

struct PageTests {
    private static let nasty = "<script>alert(1)</script>\" onload='x' &"

    private func failure(_ id: String, at time: Int64, _ code: ErrorCode = .upstreamTimeout) -> Failure {
        var row = AuditRow(receivedAt: time, requestID: id, outcome: code.rawValue, status: code.status)
        row.caller = Caller("batch")
        row.fault = "ThrottlingException"
        row.upstreamRequestID = "swf-1"
        return Failure(row, code: code, duration: .milliseconds(6000))
    }

    @Test func `the document refers to nothing but what is served beside it`() {
        let html = Page.document(.sample())
        #expect(html.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
        let targets = html.matches(of: /(?:src|href)="([^"]*)"/).map { String($0.1) }
        #expect(targets == ["/page.css", "/page.js"])
        #expect(!html.contains(/\sstyle=|\son[a-z]+=|<script>|<style/))
    }

    @Test func `what can be looked at is there before the first second is over`() {
        let html = Page.body(.sample())
        #expect(html.contains("<p id=\"state\" class=\"badge good\">ready</p>"))
        #expect(html.contains("<p class=\"value\">–</p><p class=\"note\">1,234 in all</p>"))
        #expect(html.contains("heartbeat-facade 1.2.3, 2 event loops, up 1 h 2 min"))
        #expect(html.contains("<time datetime=\"2025-11-21T16:00:00.000Z\">16:00:00</time> UTC"))
    }

    @Test func `ids are each there once, and none is within another`() {
        let html = Page.body(.sample { $0.failures = [failure("r", at: 1)] })
        let ids = html.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
        #expect(Set(ids).count == ids.count)
        for id in ["state", "about", "time", "now", "budget", "audit", "checks", "outcomes", "callers", "silent"] {
            #expect(ids.contains(id))
        }
    }

    @Test func `rates, latency and outcomes are those of the last seconds`() {
        let html = Page.body(
            .sample {
                $0.totals = .sample([nil: 900, .unknownTask: 90, .upstreamTimeout: 10])
                $0.recent = Window.Change(
                    seconds: 10,
                    totals: .sample([nil: 80, .unknownTask: 15, .upstreamTimeout: 5], latency: [50, 40, 10, 0]))
                $0.history = [0, 5, 10]
            })
        #expect(
            html.contains("<h2>Heartbeats a second</h2><p class=\"value\">10.0</p><p class=\"note\">1,000 in all</p>"))
        #expect(html.contains("points=\"57,30.0 58,15.0 59,0.0\""))
        #expect(
            html.contains(
                "<h2>Latency, median</h2><p class=\"value\">10\u{A0}ms</p><p class=\"note\">p99 910\u{A0}ms</p>"))
        #expect(html.contains("<p class=\"value\">20 %</p><p class=\"note\">0.5/s 5xx, 1.5/s 4xx</p>"))
        let outcomes = html.matches(
            of: /<code>([a-z_]+)<\/code><\/td><td class="n">(\d+)<\/td><td class="n">([\d.]+)<\/td><td class="n">(\d+)</
        ).map { [$0.1, $0.2, $0.3, $0.4].map(String.init) }
        #expect(
            outcomes == [
                ["recorded", "200", "8.0", "900"], ["unknown_task", "404", "1.5", "90"],
                ["upstream_timeout", "504", "0.5", "10"],
            ])
    }

    @Test(arguments: [
        (true, false, "badge good\">ready"), (false, false, "badge bad\">not ready"),
        (true, true, "badge warning\">draining"),
        (false, true, "badge warning\">draining"),
    ])
    func `the state`(_ isReady: Bool, _ isDraining: Bool, _ expected: String) {
        let html = Page.body(.sample { ($0.isReady, $0.isDraining) = (isReady, isDraining) })
        #expect(html.contains(expected))
    }

    @Test func `what heartbeats depend on shows what is wrong with it, and whether that matters`() {
        let html = Page.body(
            .sample {
                $0.checks = [
                    Overview.Check(name: "postgresql", fault: "connection refused", isNeeded: true),
                    Overview.Check(name: "jwt_keys", fault: "<none>", isNeeded: false),
                    Overview.Check(name: "shutdown", fault: nil, isNeeded: true),
                ]
            })
        #expect(html.contains("<dt>postgresql</dt><dd class=\"bad\">connection refused</dd>"))
        #expect(html.contains("<dt>jwt_keys</dt><dd class=\"warning\">&lt;none&gt;</dd>"))
        #expect(html.contains("<dt>shutdown</dt><dd>good</dd>"))
    }

    @Test(arguments: [
        (Overview.Budget(rate: nil, left: 1, queued: 0, circuit: .closed, tasks: 0), "<dd>not limited</dd>"),
        (Overview.Budget(rate: 160, left: 0.25, queued: 0, circuit: .closed, tasks: 0), "</meter> 25 %</dd>"),
        (Overview.Budget(rate: 160, left: 0.25, queued: 7, circuit: .closed, tasks: 0), "<dd class=\"warning\">7</dd>"),
        (Overview.Budget(rate: 160, left: 0, queued: 0, circuit: .open, tasks: 0), "<dd class=\"bad\">open: SWF"),
        (
            Overview.Budget(rate: 160, left: 0, queued: 0, circuit: .halfOpen, tasks: 0),
            "<dd class=\"warning\">half open"
        ),
    ])
    func `SWF's budget`(_ budget: Overview.Budget, _ expected: String) {
        #expect(Page.body(.sample { $0.budget = budget }).contains(expected))
    }

    @Test func `the spool, where there is one`() {
        #expect(Page.body(.sample()).contains("<dt>Spool</dt><dd>none</dd>"))
        let html = Page.body(
            .sample { $0.spool = Overview.Spool(rows: 1200, bytes: 1 << 20, bytesMax: 1 << 30, corruptFiles: 1) })
        #expect(html.contains("<dt>Rows in the spool</dt><dd class=\"warning\">1,200</dd>"))
        #expect(html.contains("<dd>1 MiB of 1 GiB</dd>"))
        #expect(html.contains("<dt>Damaged files</dt><dd class=\"bad\">1</dd>"))
    }

    @Test func `the busiest callers come first, and no more than there is room for`() throws {
        let callers = (0..<30).map { (Caller("caller-\($0)", byToken: $0 == 29).identity, $0) }
        let html = Page.body(
            .sample {
                $0.totals.callers = Dictionary(uniqueKeysWithValues: callers.map { ($0, .init(beats: 1000 - $1)) })
                $0.recent = Window.Change(
                    seconds: 10,
                    totals: .sample([:], callers: [callers[29].0: .init(beats: 50), callers[3].0: .init(beats: 7)]))
            })
        let names = html.matches(of: /<td>(caller-\d+)/).map { String($0.1) }
        #expect(
            names == ["caller-29", "caller-3", "caller-0", "caller-1", "caller-2"] + (4...8).map { "caller-\($0)" })
        #expect(
            html.contains("<td>caller-29 <small>by token</small></td><td class=\"n\">5.0</td><td class=\"n\">971</td>"))
    }

    @Test func `the last failures come first`() throws {
        let html = Page.body(
            .sample { $0.failures = (0..<30).map { failure("id-\($0)", at: Int64($0 * 7 % 30) * 1_000_000) } })
        let times = html.matches(of: /<td><time datetime="1970-01-01T00:00:(\d+).000Z">/).compactMap { Int($0.1) }
        #expect(times == Array((10...29).reversed()))
        #expect(
            html.contains(
                "<td class=\"n\">504</td><td><code>upstream_timeout</code></td><td>batch</td>"
                    + "<td><code>id-17</code></td><td>ThrottlingException</td><td><code>swf-1</code></td>"
                    + "<td class=\"n\">6.0\u{A0}s</td>"
            ))
    }

    @Test func `silent tasks, with what is not shown of them`() {
        let html = Page.body(
            .sample {
                $0.silentTasks = [
                    Overview.SilentTask(
                        tokenHash: "0123456789abcdef", caller: "batch", silentFor: .seconds(75), timeout: .seconds(60))
                ]
                $0.silentCount = 1041
            })
        #expect(
            html.contains(
                "<td><code>0123456789abcdef</code></td><td>batch</td><td class=\"n\">1 min 15 s</td>"
                    + "<td class=\"n\">1 min 0 s</td>"
            ))
        #expect(html.contains("The last 1 of 1,041."))
    }

    @Test func `nothing that came from outside is markup`() {
        let html = Page.document(
            .sample {
                $0.instance = Self.nasty
                $0.version = Self.nasty
                $0.checks = [Overview.Check(name: Self.nasty, fault: Self.nasty, isNeeded: true)]
                $0.totals.callers = [Caller(Self.nasty).identity: .init(beats: 1)]
                $0.silentTasks = [
                    Overview.SilentTask(
                        tokenHash: Self.nasty, caller: Self.nasty, silentFor: .zero, timeout: .seconds(1))
                ]
                var row = AuditRow(receivedAt: 0, requestID: Self.nasty, outcome: "", status: 500)
                row.caller = Caller(Self.nasty)
                row.fault = Self.nasty
                row.upstreamRequestID = Self.nasty
                $0.failures = [Failure(row, code: .internalError, duration: .zero)]
            })
        #expect(html.matches(of: /&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot; onload=&#39;x&#39; &amp;/).count == 12)
        #expect(!html.contains("alert(1)</script>"))
        #expect(!html.contains("onload='"))
    }

    @Test func `an event is the page's body, line by line`() {
        let event = PageEvent(id: "a-1", body: "<p>\n\none\rtwo</p>\n")
        #expect(
            String(decoding: event.bytes, as: UTF8.self)
                == "retry: 2000\nid: a-1\ndata: <p>\ndata: \ndata: one\ndata: two</p>\ndata: \n\n")
    }
}
