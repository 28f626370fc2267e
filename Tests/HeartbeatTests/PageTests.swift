import HTTP
import Heartbeat
import JSON
import Testing

/// What `Accept` says, and the form that a page then has.
private struct FormRow: NamedRow {
    let name: String
    let contentType: String?

    init(_ accept: String, _ contentType: String?) {
        name = accept
        self.contentType = contentType
    }

    private static let html = "text/html; charset=utf-8"
    private static let json = "application/json"
    private static let markdown = "text/markdown; charset=utf-8"

    static let all: [FormRow] = [
        FormRow("", html),
        FormRow("*/*", html),
        FormRow("text/*", html),
        FormRow("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", html),
        FormRow("application/json", json),
        FormRow("application/*", json),
        FormRow("application/json, */*;q=0.1", json),
        FormRow("text/html;q=0.8, application/json;q=0.85", json),
        FormRow("text/html;q=0.900, application/json;q=0.9", html),
        FormRow("text/markdown", markdown),
        FormRow("text/markdown, text/*;q=0.5", markdown),
        FormRow("text/*;q=0.5, text/html;q=0", markdown),
        FormRow("text/html;q=0, */*", json),
        FormRow("text/html;q=0.001, text/markdown;q=0.01", markdown),
        FormRow("text/html;q=0.5, text/markdown;q=1.000", markdown),
        // No weights: they count as 1.
        FormRow("text/html;q=0.9, text/markdown;q=0.9999", markdown),
        FormRow("text/html;q=0.9, text/markdown;q=1.1", markdown),
        FormRow("text/html;q=0.9, text/markdown;q=.1", markdown),
        FormRow("image/png", nil),
        FormRow("application/problem+json", nil),
        FormRow("*/*;q=0", nil),
    ]
}

@Suite struct PageTests {
    private static let paths = ["/", "/problems"] + ErrorCode.allCases.map(\.path)

    @Test(arguments: FormRow.all)
    private func `Accept decides the form`(row: FormRow) async {
        for path in ["/", "/problems", "/problems/unknown_task"] {
            let response = await Fakes().respond(.get, path, key: nil, fields: ["Accept": row.name])
            #expect(response["Content-Type"] == row.contentType ?? "application/problem+json")
            #expect(response.status == (row.contentType == nil ? 406 : 200))
            #expect(response["Vary"] == (row.contentType == nil ? nil : "Accept"))
        }
    }

    @Test(arguments: paths) func `a page needs no credentials and no script`(path: String) async {
        let fakes = Fakes()
        let response = await fakes.respond(.get, path, key: nil)
        #expect(response.status == 200)
        #expect(response.text.hasPrefix("<!doctype html>\n"))
        #expect(response["Content-Security-Policy"]?.hasPrefix("default-src 'none';") == true)
        #expect(!response.text.contains("<script"))
        #expect(response.text.utf8.count < 16_384)
        #expect(fakes.events.isEmpty)
    }

    @Test(arguments: ErrorCode.allCases, ["text/html", "text/markdown"])
    func `a code's page says what happened, whose fault it is, what to do, and whether to try again`(
        code: ErrorCode, form: String
    ) async {
        let response = await Fakes().respond(.get, code.path, key: nil, fields: ["Accept": form])
        #expect(response.status == 200)
        for part in [
            code.title, code.rawValue, "HTTP status \(code.status)", code.explanation, code.responsible.explanation,
            code.advice, code.retryAdvice,
        ] {
            #expect(response.text.contains(part))
        }
    }

    @Test(arguments: ErrorCode.allCases) func `programs read the same`(code: ErrorCode) async throws {
        let response = await Fakes().respond(.get, code.path, key: nil, fields: ["Accept": "application/json"])
        let members = try JSON.members(of: response.body)
        #expect(
            members.map(\.name)
                == ["type", "title", "status", "code", "retryable", "responsible", "explanation", "advice"])
        #expect(members.first { $0.name == "code" }?.value == .string(code.rawValue))
        #expect(members.first { $0.name == "retryable" }?.value == .bool(code.isRetryable))
        #expect(members.first { $0.name == "responsible" }?.value == .string(code.responsible.rawValue))
    }

    @Test(arguments: ["text/html", "application/json", "text/markdown"])
    func `the index leads to every code's page`(form: String) async {
        let response = await Fakes().respond(.get, "/problems", key: nil, fields: ["Accept": form])
        for code in ErrorCode.allCases {
            let ways = ["href=\"\(code.path)\"", "\"type\":\"\(code.path)\"", "](\(code.path))"]
            #expect(ways.map { response.text.occurrences(of: $0) }.reduce(0, +) == 1, "\(code)")
        }
    }

    @Test(arguments: ["text/html", "application/json", "text/markdown"])
    func `the front page leads to the document and the index`(form: String) async {
        let response = await Fakes().respond(.get, "/", key: nil, fields: ["Accept": form])
        #expect(response.text.contains("/openapi.json"))
        #expect(response.text.contains("/problems"))
    }

    @Test func `who has to change something fits the status`() {
        for code in ErrorCode.allCases {
            switch code.responsible {
            case .caller: #expect(code.status < 500 || [501, 505].contains(code.status), "\(code)")
            case .service, .swf: #expect(code.status >= 500 || code == .upstreamAccessDenied, "\(code)")
            case .nobody: #expect([404, 429, 503].contains(code.status), "\(code)")
            }
        }
    }
}

extension String {
    /// How often the other text is in this one.
    fileprivate func occurrences(of text: String) -> Int {
        ranges(of: text).count
    }
}
