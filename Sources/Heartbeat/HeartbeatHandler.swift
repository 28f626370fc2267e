package import HTTP

/// Answers the API's requests. Lives on one event loop, like what it is given.
package final class HeartbeatHandler<Callers: Authenticator, Activities: ActivityService, Rows: AuditLog> {
    let authenticator: Callers
    let limiter: any RateLimiter
    let activities: Activities
    let auditLog: Rows
    let auditHistory: any AuditHistory
    let binding: (any TaskBinding)?
    let observer: any HeartbeatObserver
    let environment: HandlerEnvironment

    /// - Parameter binding: nil: any caller may heartbeat any task.
    package init(
        authenticator: Callers, limiter: any RateLimiter, activities: Activities, auditLog: Rows,
        auditHistory: any AuditHistory, binding: (any TaskBinding)? = nil, observer: any HeartbeatObserver,
        environment: HandlerEnvironment
    ) {
        self.authenticator = authenticator
        self.limiter = limiter
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
        let route = Route(method: request.method, path: request.path)
        return switch route {
        case .heartbeat(let encodedToken):
            await heartbeat(request, encodedToken: encodedToken, requestID: requestID)
        case .task(let encodedToken):
            await task(request, encodedToken: encodedToken, requestID: requestID)
        case .history(let encodedToken):
            await history(request, encodedToken: encodedToken, requestID: requestID)
        default:
            answerAtOnce(request, to: route, requestID)
        }
    }

    /// Where nothing is waited for.
    private func answerAtOnce(_ request: Request, to route: Route, _ requestID: String) -> Response {
        switch route {
        case .openAPIYAML:
            document("application/yaml", environment.openAPIYAML, requestID)
        case .openAPIJSON:
            document("application/json", environment.openAPIJSON, requestID)
        case .problemPage(let code):
            page(ProblemPage.page(code), request, requestID)
        case .problemIndex:
            page(ProblemIndex.page, request, requestID)
        case .frontPage:
            page(FrontPage.page, request, requestID)
        case .methodNotAllowed(let methods):
            fail(.methodNotAllowed(allow: methods), requestID, request.clientAddress)
        case .heartbeat, .task, .history, .notFound:
            fail(Problem(.notFound), requestID, request.clientAddress)
        }
    }

    /// Whether this is a heartbeat that nothing in its head refuses.
    package func wantsBody(of request: Request) -> Bool {
        guard case .heartbeat(let encodedToken) = Route(method: request.method, path: request.path),
            limiter.wait(beforeAuthenticatingFrom: request.clientAddress) == nil,
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

    /// The answer to a request that there is no room or no time for: no heartbeat was read, and no row says that one
    /// came.
    package func refuse(_ request: Request, retryAfter: Duration) -> Response {
        Problem(.overloaded, retryAfter: retryAfter.secondsRoundedUp).response(
            requestID: RequestIdentity.requestID(request.fields, new: newID), random: environment.random())
    }

    /// The answer to bytes that are no request.
    package func reject(_ error: ProtocolError) -> Response {
        fail(Problem(ErrorCode(error)), newID().description, nil)
    }

    private func fail(_ problem: Problem, _ requestID: String, _ clientAddress: String?) -> Response {
        observer.failed(problem.code, requestID: requestID, clientAddress: clientAddress)
        return problem.response(requestID: requestID, random: environment.random())
    }

    /// - Throws: `.unauthenticated`; `.rateLimited`, without a look at the credentials, after too many bad ones;
    ///   `.auditUnavailable` where the database cannot be asked whether they are good.
    func caller(of request: Request) async throws(Problem) -> Caller {
        if let caller = try callerAtOnce(of: request) { return caller }
        return try await awaitedCaller(of: request)
    }

    /// To be called where `callerAtOnce` finds nobody.
    func awaitedCaller(of request: Request) async throws(Problem) -> Caller {
        let caller: Caller?
        do throws(CallersUnavailable) {
            caller = try await authenticator.caller(of: request)
        } catch {
            throw .keysUnknown
        }
        guard let caller else { throw unauthenticated(request) }
        return caller
    }

    /// See `caller(of:)`. An API key's caller never has to be waited for, and a call that could wait costs more.
    /// - Returns: nil where that takes waiting.
    func callerAtOnce(of request: Request) throws(Problem) -> Caller? {
        if let wait = limiter.wait(beforeAuthenticatingFrom: request.clientAddress) {
            throw Problem(
                .rateLimited, "Too many bad credentials came from the caller's address.",
                retryAfter: wait.secondsRoundedUp)
        }
        let identification: Identification
        do throws(CallersUnavailable) {
            identification = try authenticator.identify(request)
        } catch {
            throw .keysUnknown
        }
        switch identification {
        case .caller(let caller): return caller
        case .undecided: return nil
        case .nobody: throw unauthenticated(request)
        }
    }

    /// Counts the bad credentials.
    private func unauthenticated(_ request: Request) -> Problem {
        limiter.noteFailure(from: request.clientAddress)
        let authorizations = request.fields.values(named: "Authorization")
        return .unauthenticated(
            credentialsPresented: authorizations.contains { $0.lowercased().starts(with: "bearer ") })
    }

    /// Counts a call of the caller's.
    /// - Parameter fields: gets those that every answer to the caller has.
    /// - Throws: `.rateLimited`.
    func count(_ caller: Caller, fields: inout [(name: String, value: String)]) throws(Problem) {
        guard let standing = limiter.take(for: caller) else { return }
        fields = standing.fields
        if !standing.isAllowed {
            throw Problem(.rateLimited, retryAfter: standing.wait.secondsRoundedUp)
        }
    }

    /// - Throws: `.forbidden`.
    static func require(_ scope: Scope, of caller: Caller) throws(Problem) {
        if caller.isOutsideNetworks { throw .outsideNetworks }
        if !caller.may(scope) { throw .missing(scope) }
    }

    private func document(_ contentType: String, _ bytes: [UInt8], _ requestID: String) -> Response {
        Response(status: 200, requestID: requestID, contentType: contentType, body: bytes)
    }

    private func page(_ page: Page, _ request: Request, _ requestID: String) -> Response {
        do throws(Problem) {
            return try page.response(to: request.fields, requestID: requestID)
        } catch {
            return fail(error, requestID, request.clientAddress)
        }
    }

    private func newID() -> UUIDv7 {
        let milliseconds = UInt64(max(0, environment.wallClock() / 1000))
        return UUIDv7(milliseconds: milliseconds, random: (environment.random(), environment.random()))
    }
}
