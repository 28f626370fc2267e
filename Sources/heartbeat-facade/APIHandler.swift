import Authentication
import Audit
import HTTP
import HTTPServer
import Heartbeat
import Relaying

extension AuditWriter: Backlog {}

/// The API on one loop.
struct APIHandler: Handler {
    let heartbeats: HeartbeatHandler<CallerAuthenticator, RelayService, RefusalLog>
    let metrics: LoopMetrics
    let overload: OverloadLog

    func respond(to request: Request) async -> Response {
        await heartbeats.respond(to: request)
    }

    func wantsBody(of request: Request) -> Bool {
        heartbeats.wantsBody(of: request)
    }

    func refuse(_ request: Request, _ reason: OverloadRule.Reason, retryAfter: Duration) -> Response {
        overload.note(reason)
        return heartbeats.refuse(request, retryAfter: retryAfter)
    }

    func reject(_ error: ProtocolError) -> Response {
        metrics.countRequest(ErrorCode(error))
        return heartbeats.reject(error)
    }
}
