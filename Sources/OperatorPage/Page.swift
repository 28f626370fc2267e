internal import Telemetry

/// The operator's page: a whole document, which its script keeps up to date with the same markup again.
package enum Page {
    package static let path = "/"
    package static let stylePath = "/page.css"
    package static let scriptPath = "/page.js"
    package static let eventsPath = "/events"

    /// Nothing but what this listener serves itself.
    package static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'"

    package static func document(_ overview: Overview) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(Texts.escaped(overview.instance)) · heartbeat-facade</title>
        <link rel="stylesheet" href="\(stylePath)">
        <script src="\(scriptPath)" defer></script>
        </head>
        <body>
        \(body(overview))
        </body>
        </html>

        """
    }

    /// What is between `<body>` and `</body>`. Elements with an id have none within them.
    package static func body(_ overview: Overview) -> String {
        """
        <header>
        <h1>\(Texts.escaped(overview.instance))</h1>
        \(state(overview))
        <p id="about">heartbeat-facade \(Texts.escaped(overview.version)), \
        \(overview.loops) event \(overview.loops == 1 ? "loop" : "loops"), \
        up \(Texts.time(overview.runningFor))</p>
        <p class="clock"><span id="time">\(time(overview.now)) UTC</span>
        <span class="live" role="status">snapshot</span></p>
        </header>
        <main>
        \(Tiles.html(overview))
        <div class="panels">
        \(Panels.budget(overview))
        \(Panels.audit(overview))
        \(Panels.checks(overview))
        \(Tables.outcomes(overview))
        \(Tables.callers(overview))
        \(Tables.silentTasks(overview))
        </div>
        \(Tables.failures(overview))
        </main>
        """
    }

    private static func state(_ overview: Overview) -> String {
        let (kind, text) =
            overview.isDraining ? ("warning", "draining") : overview.isReady ? ("good", "ready") : ("bad", "not ready")
        return "<p id=\"state\" class=\"badge \(kind)\">\(text)</p>"
    }

    static func time(_ microseconds: Int64) -> String {
        let whole = rfc3339(microsecondsSince1970: microseconds)
        return "<time datetime=\"\(whole)\">\(whole.dropFirst(11).prefix(8))</time>"
    }
}

/// The numbers that are looked at first.
enum Tiles {
    static func html(_ overview: Overview) -> String {
        """
        <section id="now" class="tiles" aria-label="The last \(Texts.time(Window.span))">
        \(beats(overview))
        \(latency(overview))
        \(failures(overview))
        \(calls(overview))
        \(tile("Under way", Texts.count(overview.busyConnections), "\(Texts.count(overview.connections)) connections"))
        </section>
        """
    }

    private static func tile(_ name: String, _ value: String, _ note: String, kind: String = "") -> String {
        """
        <div class="tile\(kind.isEmpty ? "" : " \(kind)")"><h2>\(name)</h2><p class="value">\(value)</p>\
        <p class="note">\(note)</p></div>
        """
    }

    private static func beats(_ overview: Overview) -> String {
        let rate = overview.recent.map { Texts.rate($0.perSecond($0.totals.beats)) } ?? Texts.nothing
        return """
            <div class="tile wide"><h2>Heartbeats a second</h2><p class="value">\(rate)</p>\
            <p class="note">\(Texts.count(overview.totals.beats)) in all</p>\(graph(overview.history))</div>
            """
    }

    /// The last minute; its highest second reaches the top.
    private static func graph(_ history: [Double]) -> String {
        guard let highest = history.max(), highest > 0, history.count > 1 else { return "" }
        let (width, height) = (Window.historyMax - 1, 30)
        let points = history.enumerated().map { index, rate in
            let x = width - (history.count - 1) + index
            return "\(x),\(Texts.decimal(Double(height) * (1 - rate / highest), digits: 1))"
        }
        return """
            <svg viewBox="0 -1 \(width) \(height + 2)" preserveAspectRatio="none" role="img" \
            aria-label="The last minute, at most \(Texts.rate(highest)) a second">\
            <polyline points="\(points.joined(separator: " "))"/></svg>
            """
    }

    private static func latency(_ overview: Overview) -> String {
        let latency = overview.recent?.totals.latency
        return tile(
            "Latency, median", Texts.latency(latency?.quantile(0.5)), "p99 \(Texts.latency(latency?.quantile(0.99)))")
    }

    private static func failures(_ overview: Overview) -> String {
        guard let recent = overview.recent, recent.totals.beats > 0 else {
            return tile("Not recorded", Texts.nothing, "no heartbeat")
        }
        let (refused, failed) = (
            recent.totals.beats { (400..<500).contains($0) }, recent.totals.beats { $0 >= 500 }
        )
        return tile(
            "Not recorded", Texts.percent(Double(refused + failed) / Double(recent.totals.beats)),
            "\(Texts.rate(recent.perSecond(failed)))/s 5xx, \(Texts.rate(recent.perSecond(refused)))/s 4xx",
            kind: failed > 0 ? "bad" : "")
    }

    private static func calls(_ overview: Overview) -> String {
        let recent = overview.recent
        let duration = recent?.totals.upstreamDuration
        return tile(
            "Calls to SWF a second", recent.map { Texts.rate($0.perSecond(duration?.count ?? 0)) } ?? Texts.nothing,
            "p50 \(Texts.latency(duration?.quantile(0.5))), p99 \(Texts.latency(duration?.quantile(0.99)))")
    }
}
