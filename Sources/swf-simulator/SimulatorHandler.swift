import EventLoop
import FoundationEssentials
import HTTP
import Heartbeat
import HTTPServer
import Heartbeat
import SigV4

/// The routes: SWF's one, and those by which tests ask what came.
final class SimulatorHandler: Handler {
    private let loop: EventLoop
    private let latency: Duration
    private let clockOffset: ClockOffset
    private var endpoint: Endpoint

    /// - Parameter latency: of each answer that has none of its own.
    init(_ endpoint: Endpoint, latency: Duration, clockOffset: ClockOffset, on loop: EventLoop) {
        self.endpoint = endpoint
        self.latency = latency
        self.clockOffset = clockOffset
        self.loop = loop
    }

    func respond(to request: Request) async -> Response {
        switch (request.method, String(decoding: request.path, as: UTF8.self)) {
        case (.post, "/"):
            return await answer(request)
        case (.get, "/calls"), (.head, "/calls"):
            return Response(
                status: 200, fields: [("Content-Type", "application/json")],
                body: jsonText(endpoint.log) + Array("\n".utf8))
        case (.delete, "/calls"):
            endpoint.forgetCalls()
            return Response(status: 204)
        case (.post, "/tasks"):
            return change(request) { endpoint.beginTasks($0, at: .now) }
        case (.get, "/tasks"), (.head, "/tasks"):
            return Response(
                status: 200, fields: [("Content-Type", "application/json")],
                body: jsonText(endpoint.taskCounts(at: .now)) + Array("\n".utf8))
        case (.post, "/cancellations"):
            return change(request) { endpoint.requestCancellations(of: $0) }
        case (.get, "/health"), (.head, "/health"):
            return text(200, "ok")
        case (_, "/"):
            return text(405, "only POST", fields: [("Allow", "POST")])
        case (_, "/calls"):
            return text(405, "only GET, HEAD and DELETE", fields: [("Allow", "GET, HEAD, DELETE")])
        case (_, "/tasks"):
            return text(405, "only GET, HEAD and POST", fields: [("Allow", "GET, HEAD, POST")])
        case (_, "/cancellations"):
            return text(405, "only POST", fields: [("Allow", "POST")])
        case (_, "/health"):
            return text(405, "only GET and HEAD", fields: [("Allow", "GET, HEAD")])
        default:
            return text(404, "there are POST /, /calls, /tasks, /cancellations and /health here")
        }
    }

    func reject(_ error: ProtocolError) -> Response {
        text(error == .contentTooLarge ? 413 : 400, "\(error)")
    }

    func connectionsChanged(open: Int) {
        endpoint.connectionsChanged(open: open)
    }

    private func answer(_ request: Request) async -> Response {
        let requestID = UUID().uuidString.lowercased()
        let now = Timestamp(epochSeconds: wallClockMicroseconds() / 1_000_000 + clockOffset.seconds)
        let answer = endpoint.answer(request, requestID: requestID, at: now, .now)
        let latency = answer.latency ?? latency
        if latency > .zero { await loop.pause(for: latency) }
        return Response(answer, requestID: requestID)
    }

    private struct Tokens: Decodable {
        let taskTokens: [String]
    }

    private func change(_ request: Request, _ make: ([String]) -> Void) -> Response {
        guard let tokens = try? JSONDecoder().decode(Tokens.self, from: Data(request.body)) else {
            return text(400, #"the body is {"taskTokens": ["…"]}"#)
        }
        make(tokens.taskTokens)
        return Response(status: 204)
    }

    private func text(_ status: Int, _ line: String, fields: [(name: String, value: String)] = []) -> Response {
        Response(
            status: status, fields: [("Content-Type", "text/plain; charset=utf-8")] + fields,
            body: Array("\(line)\n".utf8))
    }
}

extension Response {
    fileprivate init(_ answer: Answer, requestID: String) {
        switch answer.content {
        case .response(let status, let fields, let body):
            // A script may have its own.
            let hasID = fields.keys.contains { $0.lowercased() == "x-amzn-requestid" }
            let all = hasID ? fields : fields.merging(["x-amzn-RequestId": requestID]) { $1 }
            self.init(status: status, fields: all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, body: body)
        case .disconnection(let withheldBytes):
            self.init(.success(kind: answer.kind, cancelRequested: false), requestID: requestID)
            self.withheldBytes = withheldBytes
        }
    }
}
