import Testing

@testable import Telemetry

private func text(_ registries: Registry...) -> String {
    String(decoding: Exposition.render(registries), as: UTF8.self)
}

struct ExpositionTests {
    @Test func `families and series stand in the order of their making`() {
        var registry = Registry()
        let recorded = registry.counter(
            "heartbeat_requests_total", help: "Answers given.", labels: ["status": "200", "code": "recorded"])
        let pending = registry.gauge("heartbeat_audit_pending_rows", help: "Rows that wait.")
        let unknown = registry.counter(
            "heartbeat_requests_total", help: "Answers given.", labels: ["code": "unknown_task", "status": "404"])
        recorded.increment()
        recorded.add(2)
        unknown.increment()
        pending.set(7)
        pending.add(-9)
        #expect(
            text(registry) == """
                # HELP heartbeat_requests_total Answers given.
                # TYPE heartbeat_requests_total counter
                heartbeat_requests_total{code="recorded",status="200"} 3
                heartbeat_requests_total{code="unknown_task",status="404"} 1
                # HELP heartbeat_audit_pending_rows Rows that wait.
                # TYPE heartbeat_audit_pending_rows gauge
                heartbeat_audit_pending_rows -2

                """)
    }

    @Test func `nothing registered is nothing written`() {
        #expect(text() == "")
        #expect(text(Registry()) == "")
    }

    @Test func `help and label values are escaped`() {
        var registry = Registry()
        let counter = registry.counter(
            "odd_total", help: #"a \ b"# + "\n\"c\"", labels: ["name": #"a\b"# + "\n\"c\" é"])
        counter.increment()
        #expect(
            text(registry) == #"""
                # HELP odd_total a \\ b\n"c"
                # TYPE odd_total counter
                odd_total{name="a\\b\n\"c\" é"} 1

                """#)
    }

    @Test func `a histogram is cumulative, its bounds inclusive, its sum exact`() {
        var registry = Registry()
        let histogram = registry.histogram(
            "wait_seconds", help: "Time spent.", labels: ["kind": "a"], buckets: [0.005, 0.25, 1])
        for duration: Duration in [
            .zero, .milliseconds(-3), .milliseconds(5), .nanoseconds(5_000_001), .seconds(1), .seconds(2),
        ] {
            histogram.observe(duration)
        }
        #expect(
            text(registry) == """
                # HELP wait_seconds Time spent.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{kind="a",le="0.005"} 3
                wait_seconds_bucket{kind="a",le="0.25"} 4
                wait_seconds_bucket{kind="a",le="1"} 5
                wait_seconds_bucket{kind="a",le="+Inf"} 6
                wait_seconds_sum{kind="a"} 3.010000001
                wait_seconds_count{kind="a"} 6

                """)
    }

    @Test func `a histogram without labels has the bound alone in its braces`() {
        var registry = Registry()
        _ = registry.histogram("wait_seconds", help: "Time spent.", buckets: [0.5])
        #expect(
            text(registry) == """
                # HELP wait_seconds Time spent.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.5"} 0
                wait_seconds_bucket{le="+Inf"} 0
                wait_seconds_sum 0
                wait_seconds_count 0

                """)
    }

    @Test func `registries are merged by summing`() {
        func make(_ scale: Int, extra: Bool) -> Registry {
            var registry = Registry()
            registry.counter("a_total", help: "A.", labels: ["x": "1", "y": "2"]).add(scale)
            registry.gauge("b", help: "B.").set(-scale)
            registry.gauge("c", help: "C.") { Double(scale) / 4 }
            registry.histogram("d_seconds", help: "D.", buckets: [1]).observe(.seconds(scale))
            if extra {
                registry.counter("a_total", help: "A.", labels: ["x": "2", "y": "2"]).add(scale)
                registry.counter("e_total", help: "E.").add(scale)
            }
            return registry
        }
        #expect(
            text(make(1, extra: false), make(10, extra: true)) == """
                # HELP a_total A.
                # TYPE a_total counter
                a_total{x="1",y="2"} 11
                a_total{x="2",y="2"} 10
                # HELP b B.
                # TYPE b gauge
                b -11
                # HELP c C.
                # TYPE c gauge
                c 2.75
                # HELP d_seconds D.
                # TYPE d_seconds histogram
                d_seconds_bucket{le="1"} 1
                d_seconds_bucket{le="+Inf"} 2
                d_seconds_sum 11
                d_seconds_count 2
                # HELP e_total E.
                # TYPE e_total counter
                e_total 10

                """)
    }

    @Test func `a computed gauge without a reading leaves no line, and no family where it is alone`() {
        var registry = Registry()
        registry.gauge("gone_seconds", help: "Gone.") { nil }
        registry.gauge("half", help: "Half.", labels: ["x": "1"]) { nil }
        registry.gauge("half", help: "Half.", labels: ["x": "2"]) { 3 }
        #expect(
            text(registry) == """
                # HELP half Half.
                # TYPE half gauge
                half{x="2"} 3

                """)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (3, "3"), (-12, "-12"), (0.1, "0.1"), (1e-05, "1e-05"), (1e15, "1000000000000000"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func `numerals are as short as can be`(value: Double, expected: String) {
        #expect(numeral(value) == expected)
    }

    @Test(arguments: [
        (0, "0"), (1, "0.000000001"), (1_000_000_000, "1"), (1_500_000_000, "1.5"), (12_000_000_340, "12.00000034"),
    ])
    func `sums are exact`(nanoseconds: Int, expected: String) {
        #expect(seconds(nanoseconds: nanoseconds) == expected)
    }

    @Test func `OpenMetrics has units, bounds of one form, exemplars and an end`() {
        var registry = Registry()
        registry.counter("a_total", help: #"Said "A"."#, labels: ["x": "1"]).add(3)
        registry.counter("cpu_seconds_total", help: "CPU.") { 1.5 }
        registry.gauge("b_bytes", help: "B.").set(7)
        let histogram = registry.histogram("c_seconds", help: "C.", buckets: [0.5, 1])
        histogram.observe(.milliseconds(100), traceID: "first", at: 1_700_000_000_000_000)
        histogram.observe(.milliseconds(250), traceID: "last", at: 1_700_000_000_250_000)
        histogram.observe(.seconds(1))
        #expect(
            String(decoding: Exposition.render([registry], as: .openMetrics), as: UTF8.self) == #"""
                # HELP a Said \"A\".
                # TYPE a counter
                a_total{x="1"} 3
                # HELP cpu_seconds CPU.
                # TYPE cpu_seconds counter
                # UNIT cpu_seconds seconds
                cpu_seconds_total 1.5
                # HELP b_bytes B.
                # TYPE b_bytes gauge
                # UNIT b_bytes bytes
                b_bytes 7
                # HELP c_seconds C.
                # TYPE c_seconds histogram
                # UNIT c_seconds seconds
                c_seconds_bucket{le="0.5"} 2 # {trace_id="last"} 0.25 1700000000.25
                c_seconds_bucket{le="1.0"} 3
                c_seconds_bucket{le="+Inf"} 3
                c_seconds_sum 1.35
                c_seconds_count 3
                # EOF

                """#)
        #expect(!text(registry).contains("trace_id"))
    }

    @Test func `of two exemplars of a bucket the newer one is kept`() {
        func make(_ id: String, at time: Int64) -> Registry {
            var registry = Registry()
            registry.histogram("c_seconds", help: "C.", buckets: [1]).observe(.zero, traceID: id, at: time)
            return registry
        }
        for registries in [
            [make("old", at: 1), make("new", at: 2)], [make("new", at: 2), make("old", at: 1)],
            [make("new", at: 2), Registry()],
        ] {
            let page = String(decoding: Exposition.render(registries, as: .openMetrics), as: UTF8.self)
            #expect(page.contains("new"))
            #expect(!page.contains("old"))
        }
    }

    @Test func `the content type names the version`() {
        #expect(Exposition.Format.text.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            Exposition.Format.openMetrics.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }
}
