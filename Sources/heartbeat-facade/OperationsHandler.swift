import HTTP
import HTTPServer
import Heartbeat
import JSON
import Telemetry

/// One dependency, as `/readyz` asks for it.
struct ReadinessCheck: Sendable {
    let name: String
    /// Whether heartbeats cannot be served without it now.
    var isNeeded: @Sendable () -> Bool = { true }
    /// nil: it is good; else what is wrong.
    let fault: @Sendable () -> String?
}

/// Health and metrics, on a listener of their own.
struct OperationsHandler: Handler {
    /// In the order in which `/readyz` shows them.
    let checks: [ReadinessCheck]
    let registries: [Registry]
    /// nil: there is none.
    var page: OperationsPage?

    func respond(to request: Request) async -> Response {
        if let response = await page?.response(to: request) { return response }
        switch String(decoding: request.path, as: UTF8.self) {
        case "/livez", "/readyz", "/metrics":
            guard request.method == .get || request.method == .head else {
                return text(405, "only GET and HEAD\n", fields: [("Allow", "GET, HEAD")])
            }
        default:
            return text(404, "there are /livez, /readyz and /metrics here\n")
        }
        return switch String(decoding: request.path, as: UTF8.self) {
        case "/livez": text(200, "ok\n")
        case "/readyz": ready()
        default:
            Response(
                status: 200, fields: [("Content-Type", Exposition.contentType)], body: Exposition.render(registries))
        }
    }

    func reject(_ error: ProtocolError) -> Response {
        let code = ErrorCode(error)
        return text(code.status, "\(code.title)\n")
    }

    private func ready() -> Response {
        let states = checks.map { (name: $0.name, fault: $0.fault()) }
        let isReady = zip(checks, states).allSatisfy { $1.fault == nil || !$0.isNeeded() }
        let entries = states.map { name, fault in
            let fault = fault.map { ",\"fault\":\(JSON.quoted($0))" } ?? ""
            return "\(JSON.quoted(name)):{\"ok\":\(fault.isEmpty)\(fault)}"
        }
        let body = "{\"ready\":\(isReady),\"checks\":{\(entries.joined(separator: ","))}}\n"
        return Response(
            status: isReady ? 200 : 503,
            fields: [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body: Array(body.utf8))
    }

    private func text(_ status: Int, _ body: String, fields: [(name: String, value: String)] = []) -> Response {
        Response(
            status: status,
            fields: [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")] + fields,
            body: Array(body.utf8))
    }
}
