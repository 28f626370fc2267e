import HTTP
import Heartbeat
import Testing

/// A raw path of a POST, and the token in it.
private struct PathRow: NamedRow {
    enum Outcome: Equatable {
        case token(String)
        case inBody
        case invalid(String)
        case notFound
    }

    let name: String
    let outcome: Outcome

    init(_ path: String, _ outcome: Outcome) {
        name = path
        self.outcome = outcome
    }

    /// As long and as hostile as the one in the service's API reference.
    static let longToken = "AAAAKgAAAAEAAAAAAAAAAx+/" + String(repeating: "aB3/x+Yz", count: 68) + "abcdef=="

    static let tokens: [PathRow] = [
        PathRow("/tasks/abc/heartbeat", .token("abc")),
        PathRow("/tasks/a/heartbeat", .token("a")),
        PathRow("/tasks/AAAA/+=/heartbeat", .token("AAAA/+=")),
        PathRow("/tasks/AAAA%2F%2B%3D/heartbeat", .token("AAAA/+=")),
        PathRow("/tasks/AAAA%2f%2b%3d/heartbeat", .token("AAAA/+=")),
        PathRow("/tasks/\(longToken)/heartbeat", .token(longToken)),
        PathRow("/tasks/a/b%2Fc/heartbeat", .token("a/b/c")),
        PathRow("/tasks/a%252Fb/heartbeat", .token("a%2Fb")),
        PathRow("/tasks/a%25/heartbeat", .token("a%")),
        PathRow("/tasks/a+b/heartbeat", .token("a+b")),
        PathRow("/tasks/a%20b/heartbeat", .token("a b")),
        PathRow("/tasks//a/heartbeat", .token("/a")),
        PathRow("/tasks/a//heartbeat", .token("a/")),
        PathRow("/tasks/%2F/heartbeat", .token("/")),
        PathRow("/tasks/////heartbeat", .token("///")),
        PathRow("/tasks/../heartbeat", .token("..")),
        PathRow("/tasks/a/../b/heartbeat", .token("a/../b")),
        PathRow("/tasks/%2e%2E/heartbeat", .token("..")),
        PathRow("/tasks/heartbeat/heartbeat", .token("heartbeat")),
        PathRow("/tasks/a/heartbeat/heartbeat", .token("a/heartbeat")),
        PathRow("/tasks/heartbeat/tasks/heartbeat", .token("heartbeat/tasks")),
        PathRow("/tasks/tasks/x/heartbeat", .token("tasks/x")),
        PathRow("/tasks/a%2Fheartbeat/heartbeat", .token("a/heartbeat")),
        PathRow("/tasks/%C3%A9/heartbeat", .token("é")),
        PathRow("/tasks/%F0%9F%98%80/heartbeat", .token("😀")),
        PathRow("/tasks/a;b,c:d@e!$&'()*~._-/heartbeat", .token("a;b,c:d@e!$&'()*~._-")),
        PathRow("/tasks/\(String(repeating: "a", count: 1024))/heartbeat", .token(String(repeating: "a", count: 1024))),
        PathRow(
            "/tasks/\(String(repeating: "%2F", count: 1024))/heartbeat", .token(String(repeating: "/", count: 1024))),
        PathRow("/tasks/heartbeat", .inBody),
    ]

    static let invalid: [PathRow] = [
        PathRow("/tasks//heartbeat", .invalid("empty")),
        PathRow("/tasks/\(String(repeating: "a", count: 1025))/heartbeat", .invalid("1024")),
        PathRow("/tasks/a%/heartbeat", .invalid("%25")),
        PathRow("/tasks/a%2/heartbeat", .invalid("%25")),
        PathRow("/tasks/a%2G/heartbeat", .invalid("%25")),
        PathRow("/tasks/a%G2/heartbeat", .invalid("%25")),
        PathRow("/tasks/a%%/heartbeat", .invalid("%25")),
        PathRow("/tasks/a%u0041/heartbeat", .invalid("%25")),
        PathRow("/tasks/a%+1/heartbeat", .invalid("%25")),
        PathRow("/tasks/a%00/heartbeat", .invalid("control")),
        PathRow("/tasks/a%0A/heartbeat", .invalid("control")),
        PathRow("/tasks/a%0d%0aX:/heartbeat", .invalid("control")),
        PathRow("/tasks/a%1F/heartbeat", .invalid("control")),
        PathRow("/tasks/a%7F/heartbeat", .invalid("control")),
        PathRow("/tasks/a%C2%85/heartbeat", .invalid("control")),
        PathRow("/tasks/a%FF/heartbeat", .invalid("UTF-8")),
        PathRow("/tasks/a%C3/heartbeat", .invalid("UTF-8")),
        PathRow("/tasks/a%C0%AF/heartbeat", .invalid("UTF-8")),
        PathRow("/tasks/a%ED%A0%80/heartbeat", .invalid("UTF-8")),
    ]

    static let elsewhere: [PathRow] = [
        PathRow("", .notFound),
        PathRow("//", .notFound),
        PathRow("*", .notFound),
        PathRow("/tasks", .notFound),
        PathRow("/tasks/", .notFound),
        PathRow("/Tasks/abc/heartbeat", .notFound),
        PathRow("/tasksabc/heartbeat", .notFound),
        PathRow("/tasks%2Fabc/heartbeat", .notFound),
        PathRow("//tasks/abc/heartbeat", .notFound),
        PathRow("/v1/tasks/abc/heartbeat", .notFound),
        PathRow("/heartbeat", .notFound),
        PathRow("/tasksheartbeat", .notFound),
        PathRow("/openapi.yml", .notFound),
        PathRow("/problems/", .notFound),
        PathRow("/problems/nothing", .notFound),
        PathRow("/problems/unknown_task/", .notFound),
        PathRow("/problems/Unknown_Task", .notFound),
    ]
}

@Suite struct RouteTests {
    @Test(arguments: PathRow.tokens + PathRow.invalid + PathRow.elsewhere)
    private func `the token is all of the raw path between prefix and suffix, decoded once`(row: PathRow) throws {
        let outcome: PathRow.Outcome
        switch Route(method: .post, path: Array(row.name.utf8)[...]) {
        case .heartbeat(nil): outcome = .inBody
        case .heartbeat(let encodedToken?):
            do {
                outcome = .token(try TaskToken(percentEncoded: encodedToken).secret)
            } catch {
                #expect(error.code == .invalidRequest)
                if case .invalid(let part) = row.outcome { #expect(error.detail.contains(part)) }
                outcome = if case .invalid = row.outcome { row.outcome } else { .invalid(error.detail) }
            }
        case .notFound: outcome = .notFound
        default: throw Unexpected()
        }
        #expect(outcome == row.outcome)
    }

    private struct Unexpected: Error {}

    @Test(arguments: [
        ("/tasks/abc", "abc"), ("/tasks/abc/", "abc/"), ("/tasks/A/b+c==", "A/b+c=="),
        ("/tasks/A%2Fb%2Bc%3D", "A/b+c="),
        ("/tasks//", "/"), ("/tasks/abc/heartbeat/", "abc/heartbeat/"), ("/tasks/abc/Heartbeat", "abc/Heartbeat"),
        ("/tasks/abcheartbeat", "abcheartbeat"), ("/tasks/abc%2Fheartbeat", "abc/heartbeat"),
        ("/tasks/abc%2Fheartbeats", "abc/heartbeats"), ("/tasks/abc%2fheartbeats", "abc/heartbeats"),
        ("/tasks/heartbeats", "heartbeats"), ("/tasks/heartbeat%73", "heartbeats"), ("/tasks/%68eartbeat", "heartbeat"),
    ])
    func `a task is all of the path after the prefix, but for the suffixes`(path: String, token: String) throws {
        for method in [Method.get, .head] {
            guard case .task(let encodedToken) = Route(method: method, path: Array(path.utf8)[...]) else {
                throw Unexpected()
            }
            #expect(try TaskToken(percentEncoded: encodedToken).secret == token)
        }
        for method in Method.allCases where ![.get, .head].contains(method) {
            #expect(Route(method: method, path: Array(path.utf8)[...]) == .methodNotAllowed(allow: [.get, .head]))
        }
    }

    @Test(arguments: [
        ("/tasks/abc/heartbeats", "abc"), ("/tasks/A/b+c==/heartbeats", "A/b+c=="), ("/tasks/A%2Fb/heartbeats", "A/b"),
        ("/tasks/abc/heartbeat/heartbeats", "abc/heartbeat"), ("/tasks/abc/heartbeats/heartbeats", "abc/heartbeats"),
        ("/tasks/heartbeats/heartbeats", "heartbeats"), ("/tasks/%2F/heartbeats", "/"), ("/tasks/a//heartbeats", "a/"),
    ])
    func `a history is what is before its suffix`(path: String, token: String) throws {
        for method in [Method.get, .head] {
            guard case .history(let encodedToken) = Route(method: method, path: Array(path.utf8)[...]) else {
                throw Unexpected()
            }
            #expect(try TaskToken(percentEncoded: encodedToken).secret == token)
        }
        for method in Method.allCases where ![.get, .head].contains(method) {
            #expect(Route(method: method, path: Array(path.utf8)[...]) == .methodNotAllowed(allow: [.get, .head]))
        }
    }

    @Test(arguments: ["/", "/openapi.yaml", "/openapi.json", "/problems", "/problems/unknown_task"])
    func `documents are there for GET and HEAD only`(path: String) {
        let documents: [String: Route] = [
            "/": .frontPage, "/openapi.yaml": .openAPIYAML, "/openapi.json": .openAPIJSON,
            "/problems": .problemIndex, "/problems/unknown_task": .problemPage(.unknownTask),
        ]
        for method in Method.allCases {
            let expected = [.get, .head].contains(method) ? documents[path] : .methodNotAllowed(allow: [.get, .head])
            #expect(Route(method: method, path: Array(path.utf8)[...]) == expected, "\(method)")
        }
    }

    @Test(arguments: ["/tasks/heartbeat", "/tasks/abc/heartbeat", "/tasks//heartbeat", "/tasks/%/heartbeat"])
    func `heartbeats are there for POST only`(path: String) {
        for method in Method.allCases where method != .post {
            let route = Route(method: method, path: Array(path.utf8)[...])
            #expect(route == .methodNotAllowed(allow: [.post]), "\(method)")
        }
    }

    @Test func `every code has its page`() {
        for code in ErrorCode.allCases {
            #expect(Route(method: .get, path: Array(code.path.utf8)[...]) == .problemPage(code))
        }
    }
}
