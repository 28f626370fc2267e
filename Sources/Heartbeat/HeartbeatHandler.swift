package import HTTP

/// Answers the API's requests. Lives on one event loop, like what it is given.
package final class HeartbeatHandler<Callers: Authenticator, Activities: ActivityService, Rows: AuditLog> {
    let authenticator: Callers
    let activities: Activities
    let auditLog: Rows
    let auditHistory: any AuditHistory
    let binding: (any TaskBinding)?
    let observer: any HeartbeatObserver
    let environment: HandlerEnvironment

    /// - Parameter binding: nil: any caller may heartbeat any task.
    package init(
        authenticator: Callers, activities: Activities, auditLog: Rows, auditHistory: any AuditHistory,
        binding: (any TaskBinding)? = nil, observer: any HeartbeatObserver, environment: HandlerEnvironment
    ) {
        self.authenticator = authenticator
        self.activities = activities
        self.auditLog = auditLog
        self.auditHistory = auditHistory
        self.binding = binding
        self.observer = observer
        self.environment = environment
    }

    /// Heartbeats are answered once their audit row is durable, or the audit log has failed.
    ///
    /// An answer to HEAD has the body that GET's would have: leaving it out is the encoder's part.
    package func respond(to request: Request) async -> Response {
        let requestID = RequestIdentity.requestID(request.fields, new: newID)
        return switch Route(method: request.method, path: request.path) {
        case .heartbeat(let encodedToken):
            await heartbeat(request, encodedToken: encodedToken, requestID: requestID)
        case .task(let encodedToken):
            await task(request, encodedToken: encodedToken, requestID: requestID)
        case .history(let encodedToken):
            await history(request, encodedToken: encodedToken, requestID: requestID)
        case .openAPIYAML:
            document("application/yaml", environment.openAPIYAML, requestID)
        case .openAPIJSON:
            document("application/json", environment.openAPIJSON, requestID)
        case .problemPage(let code):
            document("text/html; charset=utf-8", Array(ProblemPage.html(code).utf8), requestID)
        case .methodNotAllowed(let methods):
            Problem.methodNotAllowed(allow: methods).response(requestID: requestID)
        case .notFound:
            Problem(.notFound).response(requestID: requestID)
        }
    }

    /// Whether this is a heartbeat that nothing in its head refuses.
    package func wantsBody(of request: Request) -> Bool {
        guard case .heartbeat(let encodedToken) = Route(method: request.method, path: request.path),
            authenticator.mayAdmit(request, for: .heartbeat)
        else { return false }
        do throws(Problem) {
            if let encodedToken { _ = try TaskToken(percentEncoded: encodedToken) }
            try ContentNegotiation.check(request.fields)
            return true
        } catch {
            return false
        }
    }

    /// The answer to bytes that are no request.
    package func reject(_ error: ProtocolError) -> Response {
        Problem(ErrorCode(error)).response(requestID: newID().description)
    }

    /// - Throws: `.unauthenticated`.
    func caller(of request: Request) async throws(Problem) -> Caller {
        if let caller = await authenticator.caller(of: request) { return caller }
        let authorizations = request.fields.values(named: "Authorization")
        throw .unauthenticated(
            credentialsPresented: authorizations.contains { $0.lowercased().starts(with: "bearer ") })
    }

    /// - Throws: `.forbidden`.
    static func require(_ scope: Scope, of caller: Caller) throws(Problem) {
        if caller.isOutsideNetworks { throw .outsideNetworks }
        if !caller.may(scope) { throw .missing(scope) }
    }

    private func document(_ contentType: String, _ bytes: [UInt8], _ requestID: String) -> Response {
        Response(status: 200, requestID: requestID, contentType: contentType, body: bytes)
    }

    private func newID() -> UUIDv7 {
        let milliseconds = UInt64(max(0, environment.wallClock() / 1000))
        return UUIDv7(milliseconds: milliseconds, random: (environment.random(), environment.random()))
    }
}
