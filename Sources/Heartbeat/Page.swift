import HTTP

/// What people and programs may both read, in the forms that it has.
struct Page: Sendable {
    /// In the order of preference where the `Accept` field has none.
    enum Form: String, CaseIterable {
        case html = "text/html"
        case json = "application/json"
        case markdown = "text/markdown"

        var contentType: String { self == .json ? rawValue : rawValue + "; charset=utf-8" }
    }

    var html: String
    var json: String
    var markdown: String

    /// - Throws: `.notAcceptable`.
    func response(to fields: Fields, requestID: String) throws(Problem) -> Response {
        guard let form = ContentNegotiation.choose(from: Form.allCases, fields) else {
            throw Problem(
                .notAcceptable, "The page is text/html, application/json or text/markdown, which Accept excludes.")
        }
        let text =
            switch form {
            case .html: html
            case .json: json
            case .markdown: markdown
            }
        var response = Response(
            status: 200, requestID: requestID, contentType: form.contentType, body: Array(text.utf8))
        response.fields.append(("Vary", "Accept"))
        if form == .html { response.fields.append(("Content-Security-Policy", HTML.securityPolicy)) }
        return response
    }
}
