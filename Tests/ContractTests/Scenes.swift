import Foundation
import TestSupport

/// How an example of the document comes about.
struct Scene: Sendable {
    let key: String
    let play: @Sendable (Stage) throws -> HTTPResponse

    init(_ key: String, _ play: @escaping @Sendable (Stage) throws -> HTTPResponse) {
        self.key = key
        self.play = play
    }

    /// Examples that nothing provokes, with the reason.
    static let unprovoked = [
        "ServiceUnavailable draining":
            "An instance that drains serves what reaches it, and at the end takes no new connections: it refuses none.",
        "LengthRequired length_required":
            "A request without a length has no body (RFC 9112 §6.3), and no call needs one.",
    ]

    /// In this order: a later one builds upon what earlier ones did.
    static let all = heartbeats + readings + refusals + faults + states + documents + messages + operations

    private static let task = "/tasks/\(Stage.token)"

    private static let heartbeats = [
        Scene("Recorded application/json goOn") {
            try $0.service.call("POST", "\(task)/heartbeat", body: #"{"details":"50%"}"#)
        },
        Scene("Recorded application/json cancel") {
            let tokens = #"{"taskTokens":["\#(Stage.token)"]}"#
            let asked = try $0.simulator.client().post("/cancellations", body: tokens)
            guard asked.status == 204 else { throw SupportError("the simulator: \(asked.status)") }
            return try $0.service.call("POST", "\(task)/heartbeat", body: #"{"details":"50%"}"#)
        },
    ]

    private static let readings = [
        Scene("getTask 200 application/json example") { try $0.service.call("GET", task) },
        Scene("getTaskHeartbeats 200 application/json example") {
            try $0.service.call("GET", "\(task)/heartbeats?limit=1")
        },
        Scene("NotFound not_found-task") { try $0.service.call("GET", "/tasks/never+seen==") },
    ]

    private static let refusals = [
        Scene("BadRequest invalid_request") {
            try $0.service.call("POST", "/tasks/a/heartbeat", body: #"{"progress":1}"#)
        },
        Scene("Unauthenticated unauthenticated") {
            try $0.service.call("POST", "/tasks/a/heartbeat", key: nil, body: "")
        },
        Scene("Forbidden forbidden") {
            try $0.service.call("POST", "/tasks/a/heartbeat", key: Stage.readerKey, body: "")
        },
        Scene("NotFound not_found") { try $0.service.call("GET", "/nothing") },
        Scene("MethodNotAllowed method_not_allowed") { try $0.service.call("GET", "/tasks/a/heartbeat") },
        Scene("NotAcceptable not_acceptable") {
            try $0.service.call("POST", "/tasks/a/heartbeat", headers: [("Accept", "text/html")], body: "")
        },
        Scene("NotAcceptable not_acceptable-page") {
            try $0.service.call("GET", "/problems/overloaded", headers: [("Accept", "image/png")])
        },
        Scene("UnsupportedMediaType unsupported_media_type") {
            try $0.service.call(
                "POST", "/tasks/a/heartbeat", headers: [("Content-Type", "text/plain")], body: "50%")
        },
    ]

    /// Those of SWF, by the words of the simulator.
    static let faultWords = [
        ("BadRequest invalid_task_token", "validation"), ("UnknownTask unknown_task", "unknown"),
        ("Forbidden operation_not_permitted", "not-permitted"), ("Forbidden upstream_access_denied", "denied"),
        ("TooManyRequests upstream_throttled", "throttle"), ("InternalError internal_error", "serialization"),
        ("BadGateway upstream_credentials", "unrecognized-client"),
        ("BadGateway upstream_signature", "bad-signature"), ("BadGateway upstream_clock_skew", "too-skewed"),
        ("BadGateway upstream_error", "internal"), ("BadGateway upstream_protocol", "unknown-operation"),
        ("BadGateway upstream_malformed", "no-flag"), ("BadGateway upstream_unreachable", "reset"),
        ("ServiceUnavailable upstream_unavailable", "unavailable"), ("GatewayTimeout upstream_timeout", "hang"),
    ].map { (key: $0, word: $1) }

    private static let faults = faultWords.map { key, word in
        Scene(key) { try $0.service.heartbeat(swf: word, wait: word == "hang" ? 1 : 6) }
    }

    /// Of the service.
    private static let states = [
        Scene("TooManyRequests rate_limited") {
            let service = try $0.other(["HEARTBEAT_RATE_LIMIT": "1/s:1"])
            var response = try service.heartbeat(swf: "ok")
            while response.status == 200 { response = try service.heartbeat(swf: "ok") }
            return response
        },
        Scene("ServiceUnavailable overloaded") {
            let service = try $0.other(["HEARTBEAT_REQUESTS_MAX": "1"])
            let busy = try service.client()
            let token = Stage.token(for: "hang#busy")
            try busy.send(
                "POST /tasks/\(token)/heartbeat HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(Stage.workerKey)\r\n"
                    + "Prefer: wait=60\r\nContent-Length: 0\r\n\r\n")
            while try !$0.simulator.calls().contains(token) {}
            return try service.heartbeat(swf: "ok")
        },
        Scene("ServiceUnavailable audit_unavailable") {
            try $0.withoutDatabase().heartbeat(swf: "ok")
        },
        Scene("ServiceUnavailable upstream_credentials_unavailable") {
            let nowhere = "http://127.0.0.1:\(try freePort())/"
            return try $0.other(
                ["AWS_CONTAINER_CREDENTIALS_FULL_URI": nowhere, "AWS_EC2_METADATA_DISABLED": "true"],
                without: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], awaiting: "/livez"
            ).heartbeat(swf: "ok")
        },
    ]

    private static let documents =
        [
            ("getFrontPage 200 text/html page", "/"), ("getFrontPage 200 application/json example", "/"),
            ("getFrontPage 200 text/markdown example", "/"), ("getProblems 200 text/html page", "/problems"),
            ("getProblems 200 application/json page", "/problems"),
            ("getProblems 200 text/markdown page", "/problems"),
            ("getProblem 200 text/html page", "/problems/unknown_task"),
            ("getProblem 200 application/json example", "/problems/unknown_task"),
            ("getProblem 200 text/markdown example", "/problems/unknown_task"),
            ("getOpenApiYaml 200 application/yaml document", "/openapi.yaml"),
            ("getOpenApiJson 200 application/json document", "/openapi.json"),
        ].map { key, path in
            let media = String(key.split(separator: " ")[2])
            return Scene(key) {
                try $0.service.call("GET", path, key: nil, headers: [("Accept", media)])
            }
        }

    private static let heartbeat = "POST /tasks/a/heartbeat HTTP/1.1\r\nHost: a\r\n"

    /// That the server refuses before anything is served.
    private static let messages = [
        Scene("BadRequest malformed_request") { try $0.service.raw("A heartbeat, please\r\n") },
        Scene("Refused malformed_request") { try $0.service.raw("GET /openapi.json HTTP/1.1\r\n") },
        Scene("ContentTooLarge content_too_large") { try $0.service.raw(heartbeat + "Content-Length: 1000000\r\n") },
        Scene("URITooLong uri_too_long") {
            try $0.service.raw("GET /\(String(repeating: "a", count: 10_000)) HTTP/1.1\r\nHost: a\r\n")
        },
        Scene("ExpectationFailed expectation_failed") {
            try $0.service.raw(heartbeat + "Content-Length: 0\r\nExpect: the-unexpected\r\n")
        },
        Scene("RequestHeaderFieldsTooLarge request_header_fields_too_large") {
            try $0.service.raw(heartbeat + "X: \(String(repeating: "x", count: 20_000))\r\n")
        },
        Scene("NotImplemented not_implemented") { try $0.service.raw("BREW / HTTP/1.1\r\nHost: a\r\n") },
        Scene("HTTPVersionNotSupported http_version_not_supported") {
            try $0.service.raw("GET / HTTP/2.0\r\nHost: a\r\n")
        },
        Scene("RequestTimeout request_timeout") { try $0.slowClient.receive() },
    ]

    private static let operations =
        [
            Scene("getLiveness 200 text/plain example") { try $0.service.operations("GET", "/livez") },
            Scene("getReadiness 200 application/json example") { stage in
                let directory = try TemporaryDirectory()
                let keys = try directory.write(#"{"keys":[]}"#, to: "jwks.json")
                return try withExtendedLifetime(directory) {
                    try stage.other([
                        "HEARTBEAT_JWT_ISSUER": "https://id.example.com", "HEARTBEAT_JWT_AUDIENCE": "heartbeats",
                        "HEARTBEAT_JWKS_FILE": keys,
                    ]).operations("GET", "/readyz")
                }
            },
            Scene("getReadiness 503 application/json unready") {
                let service = try $0.withoutDatabase()
                try service.wait(for: "what is wrong") {
                    try !service.operations("GET", "/readyz").text.contains("yet")
                }
                return try service.operations("GET", "/readyz")
            },
            Scene("getReadiness 503 application/json draining") {
                let service = try $0.other(["HEARTBEAT_DRAIN_DELAY": "60s"])
                service.child.signal(SIGTERM)
                try service.wait(for: "/readyz", toAnswer: 503)
                return try service.operations("GET", "/readyz")
            },
            Scene("getMetrics 200 text/plain example") { try $0.service.operations("GET", "/metrics") },
        ]
        + [("getLiveness", "/livez"), ("getReadiness", "/readyz"), ("getMetrics", "/metrics")].map { name, path in
            Scene("\(name) 405 text/plain example") { try $0.service.operations("DELETE", path) }
        }
}

extension Stage {
    /// A service whose PostgreSQL is not there.
    fileprivate func withoutDatabase() throws -> ServiceProcess {
        try other(["DATABASE_URL": "postgresql://postgres@127.0.0.1:\(freePort())/postgres"], awaiting: "/livez")
    }
}
