/// What is found under `/`: where to read on.
enum FrontPage {
    static let page = Page(html: html, json: json, markdown: markdown)

    private static let summary = "Amazon SWF's RecordActivityTaskHeartbeat as one REST call."
    private static let call = "POST /tasks/{taskToken}/heartbeat"

    private static var html: String {
        HTML.document(
            title: "heartbeat-facade",
            body: """
                <h1>heartbeat-facade</h1>
                <p>\(summary)</p>
                <h2>A heartbeat</h2>
                <p><code>\(call)</code></p>
                <h2>To read on</h2>
                <ul>
                <li><a href="/openapi.yaml">The OpenAPI document</a>, also <a href="/openapi.json">as JSON</a></li>
                <li><a href="\(ProblemIndex.path)">What each error means</a>, and what to do about it</li>
                </ul>
                """)
    }

    private static var json: String {
        var object = JSONObject()
        object.add("title", "heartbeat-facade")
        object.add("summary", summary)
        object.add("openapi", "/openapi.json")
        object.add("problems", ProblemIndex.path)
        return object.text
    }

    private static var markdown: String {
        """
        # heartbeat-facade

        \(summary)

        A heartbeat is `\(call)`.

        - [The OpenAPI document](/openapi.yaml), also [as JSON](/openapi.json)
        - [What each error means](\(ProblemIndex.path)), and what to do about it

        """
    }
}
