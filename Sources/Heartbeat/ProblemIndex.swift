/// All codes, by who has to change something.
enum ProblemIndex {
    static let path = "/problems"

    static let page = Page(html: html, json: json, markdown: markdown)

    private static func heading(_ responsible: Responsible) -> String {
        switch responsible {
        case .caller: "The caller's"
        case .service: "This service's"
        case .swf: "SWF's, or the network's"
        case .nobody: "Nobody's"
        }
    }

    private static let groups = Responsible.allCases.map { responsible in
        (heading: heading(responsible), codes: ErrorCode.allCases.filter { $0.responsible == responsible })
    }

    private static var html: String {
        let groups = groups.map { heading, codes in
            let items = codes.map { code in
                """
                <li><a href="\(code.path)"><code>\(code.rawValue)</code></a>
                <span class="soft">\(code.status)\(code.isRetryable ? ", worth another try" : "")</span><br>
                \(HTML.escaped(code.explanation))</li>
                """
            }
            return "<h2>\(heading)</h2>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>"
        }
        return HTML.document(
            title: "Errors · heartbeat-facade",
            body: """
                <nav><a href="/">heartbeat-facade</a> / errors</nav>
                <h1>Errors</h1>
                <p>What the <code>code</code> of an answer means, by whose fault it is.</p>
                \(groups.joined(separator: "\n"))
                """)
    }

    private static var json: String {
        var object = JSONObject()
        object.add("problems", json: "[" + ErrorCode.allCases.map(ProblemPage.json).joined(separator: ",") + "]")
        return object.text
    }

    private static var markdown: String {
        let groups = groups.map { heading, codes in
            let rows = codes.map { code in
                "| [`\(code.rawValue)`](\(code.path)) | \(code.status) | \(code.isRetryable ? "yes" : "no") "
                    + "| \(code.explanation) |\n"
            }
            return "\n## \(heading)\n\n| code | status | try again | what happened |\n|---|---|---|---|\n"
                + rows.joined()
        }
        return "# Errors\n\nWhat the `code` of an answer means, by whose fault it is.\n" + groups.joined()
    }
}
