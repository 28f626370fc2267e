internal import Telemetry

/// Names and what they stand at.
enum Panels {
    /// What may still go to SWF.
    static func budget(_ overview: Overview) -> String {
        let budget = overview.budget
        let (circuit, kind) =
            switch budget.circuit {
            case .closed: ("closed: calls go", "")
            case .halfOpen: ("half open: SWF is tried again", "warning")
            case .open: ("open: SWF is left alone", "bad")
            }
        return panel(
            "SWF’s budget", id: "budget",
            [
                ("Rate", budget.rate.map { "\(Texts.rate($0))/s" } ?? "not limited", ""),
                ("At once, left", left(budget), ""),
                ("Calls that wait", Texts.count(budget.queued), budget.queued > 0 ? "warning" : ""),
                ("Circuit", circuit, kind),
                ("Answered without a call of their own", coalesced(overview), ""),
                ("Tasks known", Texts.count(budget.tasks), ""),
            ])
    }

    private static func left(_ budget: Overview.Budget) -> String {
        guard budget.rate != nil else { return Texts.nothing }
        let percent = Texts.percent(budget.left)
        return "<meter min=\"0\" max=\"1\" low=\"0.2\" value=\"\(Texts.decimal(budget.left, digits: 3))\">\(percent)"
            + "</meter> \(percent)"
    }

    private static func coalesced(_ overview: Overview) -> String {
        guard let recent = overview.recent, recent.totals.beats > 0 else { return Texts.nothing }
        return Texts.percent(min(1, Double(recent.totals.coalesced) / Double(recent.totals.beats)))
    }

    /// Where the rows go.
    static func audit(_ overview: Overview) -> String {
        let recent = overview.recent
        func rate(_ count: KeyPath<Totals, Int>) -> String {
            guard let recent else { return Texts.nothing }
            return "\(Texts.rate(recent.perSecond(recent.totals[keyPath: count])))/s"
        }
        let commits = recent?.totals.commitDuration
        var rows = [
            ("Rows to PostgreSQL", rate(\.committedRows), ""),
            (
                "Commit, p50 and p99",
                "\(Texts.latency(commits?.quantile(0.5))), \(Texts.latency(commits?.quantile(0.99)))", ""
            ),
            ("Rows under way", Texts.count(overview.pendingRows), ""),
        ]
        guard let spool = overview.spool else {
            return panel("Audit trail", id: "audit", rows + [("Spool", "none", "")])
        }
        rows += [
            ("Rows to the spool", rate(\.spooledRows), (recent?.totals.spooledRows ?? 0) > 0 ? "warning" : ""),
            ("Rows in the spool", Texts.count(spool.rows), spool.rows > 0 ? "warning" : ""),
            ("Spool on disk", "\(Texts.bytes(spool.bytes)) of \(Texts.bytes(spool.bytesMax))", ""),
        ]
        if spool.corruptFiles > 0 { rows.append(("Damaged files", Texts.count(spool.corruptFiles), "bad")) }
        return panel("Audit trail", id: "audit", rows)
    }

    /// As `/readyz` tells them.
    static func checks(_ overview: Overview) -> String {
        panel(
            "Depends on", id: "checks",
            overview.checks.map { check in
                (
                    Texts.escaped(check.name), check.fault.map(Texts.escaped) ?? "good",
                    check.fault == nil ? "" : check.isNeeded ? "bad" : "warning"
                )
            })
    }

    /// - Parameter rows: of HTML, with a kind where the value is to be seen.
    private static func panel(
        _ title: String, id: String, _ rows: [(name: String, value: String, kind: String)]
    ) -> String {
        let rows = rows.map { name, value, kind in
            "<div><dt>\(name)</dt><dd\(kind.isEmpty ? "" : " class=\"\(kind)\"")>\(value)</dd></div>"
        }
        return """
            <section><h2>\(title)</h2>
            <dl id="\(id)">\(rows.joined(separator: "\n"))</dl></section>
            """
    }
}
