/// What is found under a problem's `type`. Nothing in it comes from a request.
enum ProblemPage {
    static func page(_ code: ErrorCode) -> Page {
        Page(html: html(code), json: json(code), markdown: markdown(code))
    }

    private static func sections(_ code: ErrorCode) -> [(heading: String, text: String)] {
        [
            ("What happened", code.explanation), ("Whose fault it is", code.responsible.explanation),
            ("What to do", code.advice), ("Whether to try again", code.retryAdvice),
        ]
    }

    private static func html(_ code: ErrorCode) -> String {
        let sections = sections(code).map { "<h2>\($0.heading)</h2>\n<p>\(HTML.escaped($0.text))</p>" }
        return HTML.document(
            title: "\(code.title) · heartbeat-facade",
            body: """
                <nav><a href="/">heartbeat-facade</a> / <a href="\(ProblemIndex.path)">errors</a></nav>
                <h1>\(HTML.escaped(code.title))</h1>
                <p class="soft"><code>\(code.rawValue)</code>, HTTP status \(code.status)</p>
                \(sections.joined(separator: "\n"))
                """)
    }

    static func json(_ code: ErrorCode) -> String {
        var object = JSONObject()
        object.add("type", code.path)
        object.add("title", code.title)
        object.add("status", json: String(code.status))
        object.add("code", code.rawValue)
        object.add("retryable", json: String(code.isRetryable))
        object.add("responsible", code.responsible.rawValue)
        object.add("explanation", code.explanation)
        object.add("advice", code.advice)
        return object.text
    }

    private static func markdown(_ code: ErrorCode) -> String {
        let sections = sections(code).map { "\n## \($0.heading)\n\n\($0.text)\n" }
        return "# \(code.title)\n\n`\(code.rawValue)`, HTTP status \(code.status)\n" + sections.joined()
    }
}
