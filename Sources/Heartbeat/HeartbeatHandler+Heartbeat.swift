import HTTP

extension HeartbeatHandler {
    /// Authenticate, read, relay, audit, answer; the row gathers what is learnt on the way.
    func heartbeat(_ request: Request, encodedToken: ArraySlice<UInt8>?, requestID: String) async -> Response {
        var course = Course(
            trace: TraceContext(request.fields, random: environment.random),
            route: encodedToken == nil ? "/tasks/heartbeat" : "/tasks/{taskToken}/heartbeat")
        var row = newRow(request, requestID: requestID, course.trace)
        var problem: Problem?
        var fields: [(name: String, value: String)] = []
        var lastKnownFields: [(name: String, value: String)] = []
        let wait = Duration.seconds(WaitPreference.seconds(request.fields))
        do throws(Problem) {
            let beat = try await admit(
                request, encodedToken: encodedToken, wait: wait, into: &row, &course, fields: &fields)
            try await checkBinding(of: beat.taskToken, deadline: beat.deadline, in: row)
            let begin = environment.now()
            let relay = await activities.relay(beat)
            course.relayBegin = begin - request.receivedAt
            course.relay = environment.now() - begin
            if let age = relay.age {
                lastKnownFields = [("Heartbeat-Relayed", "false"), ("Age", String(age.secondsRoundedUp))]
            }
            try note(relay, in: &row)
        } catch {
            problem = error
        }
        row.outcome = problem?.code.rawValue ?? "recorded"
        row.status = problem?.code.status ?? 200
        let relayed = environment.now()
        row.duration = relayed - request.receivedAt
        do throws(AuditFailure) {
            try await auditLog.append(row, wait: wait)
        } catch {
            // Without its row no result leaves, not even that SWF has recorded the heartbeat.
            problem = Problem(error == .full ? .overloaded : .auditUnavailable)
        }
        let end = environment.now()
        course.audit = end - relayed
        observer.finished(row, code: problem?.code, duration: end - request.receivedAt, course)
        var answer = answer(row, problem)
        if environment.tellsTimings { answer.fields.append(("Server-Timing", course.serverTiming)) }
        answer.fields += fields
        if problem == nil { answer.fields += lastKnownFields }
        return answer
    }

    /// The audit log is not asked beforehand: a heartbeat that is not relayed can cost the task its life.
    private func admit(
        _ request: Request, encodedToken: ArraySlice<UInt8>?, wait: Duration, into row: inout AuditRow,
        _ course: inout Course, fields: inout [(name: String, value: String)]
    ) async throws(Problem) -> Beat {
        let caller = try await caller(of: request, &course)
        row.caller = caller
        try count(caller, fields: &fields)
        try Self.require(.heartbeat, of: caller)
        if let encodedToken { row.taskToken = try TaskToken(percentEncoded: encodedToken) }
        try ContentNegotiation.check(request.fields)
        let body = try HeartbeatBody(request.body, carriesToken: encodedToken == nil)
        guard let taskToken = row.taskToken ?? body.taskToken else { throw Problem(.internalError) }
        row.taskToken = taskToken
        row.keep(body.details, as: environment.detailsRetention)
        return Beat(
            taskToken: taskToken, details: body.details, deadline: request.receivedAt + wait,
            heartbeatTimeout: try HeartbeatTimeout.of(request.fields, body), caller: caller, requestID: row.requestID,
            traceID: row.traceID)
    }

    private func caller(of request: Request, _ course: inout Course) async throws(Problem) -> Caller {
        let begin = environment.now()
        defer { course.authentication = environment.now() - begin }
        return try await caller(of: request)
    }

    private func checkBinding(
        of taskToken: TaskToken, deadline: ContinuousClock.Instant, in row: AuditRow
    ) async throws(Problem) {
        guard let binding, let caller = row.caller else { return }
        guard await binding.admits(caller, to: taskToken, deadline: deadline) else { throw .taskOfAnother }
    }

    private func note(_ relay: Relay, in row: inout AuditRow) throws(Problem) {
        row.upstreamRequestID = relay.upstreamRequestID
        row.attempts = relay.attempts
        row.relayed = relay.attempts > 0 && relay.age == nil
        switch relay.outcome {
        case .success(let cancelRequested):
            row.cancelRequested = cancelRequested
        case .failure(let failure):
            if case .fault(let type, _) = failure { row.fault = type }
            throw Problem(ErrorCode(failure), retryAfter: relay.retryAfter?.secondsRoundedUp)
        }
    }

    private func answer(_ row: AuditRow, _ problem: Problem?) -> Response {
        if let problem {
            return problem.response(
                requestID: row.requestID, upstreamRequestID: row.upstreamRequestID, random: environment.random())
        }
        return Response(
            status: 200, upstreamRequestID: row.upstreamRequestID, requestID: row.requestID,
            contentType: "application/json", body: "{\"cancelRequested\":\(row.cancelRequested == true)}")
    }

    private func newRow(_ request: Request, requestID: String, _ trace: TraceContext) -> AuditRow {
        let age = (environment.now() - request.receivedAt) / .microseconds(1)
        return AuditRow(
            receivedAt: environment.wallClock() - Int64(age), requestID: requestID,
            traceID: trace.traceID,
            clientAddress: request.clientAddress, outcome: "", status: 0)
    }
}
