internal import Heartbeat

/// Lists, the most interesting first.
enum Tables {
    private enum Column {
        case text(String)
        case number(String)
    }

    static func outcomes(_ overview: Overview) -> String {
        let totals = overview.totals.outcomes.filter { $0.value > 0 || $0.key == nil }
            .sorted { ($1.value, $0.key?.rawValue ?? "") < ($0.value, $1.key?.rawValue ?? "") }
        let rows = totals.map { code, count in
            let recent = overview.recent.map { Texts.rate($0.perSecond($0.totals.outcomes[code] ?? 0)) }
            return row([
                .text("<code>\(code?.rawValue ?? "recorded")</code>"), .number("\(code?.status ?? 200)"),
                .number(recent ?? Texts.nothing), .number(Texts.count(count)),
            ])
        }
        return table(
            "Outcomes", id: "outcomes", [.text("code"), .number("status"), .number("a second"), .number("in all")],
            rows,
            ifNone: "")
    }

    static func callers(_ overview: Overview) -> String {
        let recent = overview.recent?.totals.callers ?? [:]
        let busiest = overview.totals.callers.map { (caller: $0.key, total: $0.value, now: recent[$0.key]?.beats ?? 0) }
            .sorted { ($1.now, $1.total.beats, $0.caller.name) < ($0.now, $0.total.beats, $1.caller.name) }
        let rows = busiest.prefix(Overview.callersMax).map { caller, total, now in
            row([
                .text(Texts.escaped(caller.name) + (caller.isOfToken ? " <small>by token</small>" : "")),
                .number(overview.recent.map { Texts.rate($0.perSecond(now)) } ?? Texts.nothing),
                .number(Texts.count(total.beats)), .number(Texts.count(total.failures)),
            ])
        }
        return table(
            "Busiest callers", id: "callers",
            [.text("caller"), .number("a second"), .number("in all"), .number("not recorded")], Array(rows),
            ifNone: "No heartbeat of a known caller yet.")
    }

    static func silentTasks(_ overview: Overview) -> String {
        let rows = overview.silentTasks.map { task in
            row([
                .text("<code>\(Texts.escaped(task.tokenHash))</code>"), .text(Texts.escaped(task.caller)),
                .number(Texts.time(task.silentFor)), .number(Texts.time(task.timeout)),
            ])
        }
        return table(
            "Silent tasks", id: "silent",
            [.text("token’s SHA-256"), .text("caller"), .number("silent for"), .number("timeout")], rows,
            note: "Without a heartbeat for longer than their callers said. A task that is done is silent too."
                + " The last \(overview.silentTasks.count) of \(Texts.count(overview.silentCount)).",
            ifNone: "None that is known.")
    }

    static func failures(_ overview: Overview) -> String {
        let latest = overview.failures.sorted { ($1.receivedAt, $0.requestID) < ($0.receivedAt, $1.requestID) }
        let rows = latest.prefix(Overview.failuresMax).map { failure in
            row([
                .text("\(Page.time(failure.receivedAt))"), .number("\(failure.code.status)"),
                .text("<code>\(failure.code.rawValue)</code>"),
                .text(failure.caller.map(Texts.escaped) ?? Texts.nothing),
                .text("<code>\(Texts.escaped(failure.requestID))</code>"),
                .text(failure.fault.map(Texts.escaped) ?? Texts.nothing),
                .text(failure.upstreamRequestID.map { "<code>\(Texts.escaped($0))</code>" } ?? Texts.nothing),
                .number(Texts.latency(failure.duration / .seconds(1))),
            ])
        }
        return table(
            "Last failures", id: "failures",
            [
                .text("time"), .number("status"), .text("code"), .text("caller"), .text("request id"),
                .text("SWF’s fault"), .text("SWF’s request id"), .number("took"),
            ], Array(rows), ifNone: "None since the start.")
    }

    private static func row(_ cells: [Column]) -> String {
        "<tr>" + cells.map { cell($0, "td") }.joined() + "</tr>"
    }

    private static func cell(_ column: Column, _ element: String) -> String {
        let scope = element == "th" ? " scope=\"col\"" : ""
        return switch column {
        case .text(let html): "<\(element)\(scope)>\(html)</\(element)>"
        case .number(let html): "<\(element)\(scope) class=\"n\">\(html)</\(element)>"
        }
    }

    /// What scrolls sideways stays where it is when the rows are replaced.
    /// - Parameters:
    ///   - ifNone: stands there where there are no rows.
    private static func table(
        _ title: String, id: String, _ columns: [Column], _ rows: [String], note: String? = nil, ifNone: String
    ) -> String {
        let rows = rows.isEmpty ? ["<tr class=\"none\"><td colspan=\"\(columns.count)\">\(ifNone)</td></tr>"] : rows
        let note = note.map { "\n<p id=\"\(id)-note\" class=\"note\">\($0)</p>" } ?? ""
        return """
            <section><h2>\(title)</h2>\(note)
            <div class="scroll" tabindex="0" role="region" aria-label="\(title)"><table>
            <thead><tr>\(columns.map { cell($0, "th") }.joined())</tr></thead>
            <tbody id="\(id)">\(rows.joined(separator: "\n"))</tbody>
            </table></div></section>
            """
    }
}
