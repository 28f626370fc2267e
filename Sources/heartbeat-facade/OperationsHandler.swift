import EventLoop
import HTTP
import HTTPServer
import Heartbeat
import JSON
import Telemetry

/// Health and metrics, on a listener of their own.
struct OperationsHandler: Handler {
    let readiness: Readiness
    let registries: [Registry]
    let process: ProcessReadings
    /// nil: there is none.
    let page: OperationsPage?

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
        default: await metrics(request)
        }
    }

    func reject(_ error: ProtocolError) -> Response {
        let code = ErrorCode(error)
        return text(code.status, "\(code.title)\n")
    }

    private func ready() -> Response {
        let (isReady, states) = readiness.look(at: wallClockMicroseconds())
        let entries = states.map { state in
            var object = JSONObject()
            object.add("ok", json: state.fault == nil)
            object.add("fault", state.fault)
            object.add("since", rfc3339(microsecondsSince1970: state.since))
            return "\(JSON.quoted(state.name)):\(object.text)"
        }
        let body = "{\"ready\":\(isReady),\"checks\":{\(entries.joined(separator: ","))}}\n"
        return Response(
            status: isReady ? 200 : 503,
            fields: [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body: Array(body.utf8))
    }

    /// Whoever accepts neither form gets the older one: it can be read by anybody.
    private func metrics(_ request: Request) async -> Response {
        let format = ContentNegotiation.choose(from: Exposition.Format.allCases, request.fields) ?? .text
        return Response(
            status: 200, fields: [("Content-Type", format.contentType), ("Vary", "Accept")],
            body: Exposition.render(registries + [await process.registry()], as: format))
    }

    private func text(_ status: Int, _ body: String, fields: [(name: String, value: String)] = []) -> Response {
        Response(
            status: status,
            fields: [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")] + fields,
            body: Array(body.utf8))
    }
}
