import Authentication
import Audit
import HTTP
import HTTPServer
import Heartbeat
import Relaying

extension AuditWriter: Backlog {}

/// The API on one loop. A class, as each request has it copied.
final class APIHandler: Handler {
    private let heartbeats: HeartbeatHandler<CallerAuthenticator, RelayService, RefusalLog>
    private let metrics: LoopMetrics
    private let overload: OverloadLog

    init(
        heartbeats: HeartbeatHandler<CallerAuthenticator, RelayService, RefusalLog>, metrics: LoopMetrics,
        overload: OverloadLog
    ) {
        self.heartbeats = heartbeats
        self.metrics = metrics
        self.overload = overload
    }

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
