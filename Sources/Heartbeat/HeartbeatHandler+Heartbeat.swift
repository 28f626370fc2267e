import HTTP

extension HeartbeatHandler {
    /// Authenticate, read, relay, audit, answer; the row gathers what is learnt on the way.
    func heartbeat(_ request: Request, encodedToken: ArraySlice<UInt8>?, requestID: String) async -> Response {
        var course = Course(
            trace: TraceContext(request.fields, random: environment.random),
            route: encodedToken == nil ? "/tasks/heartbeat" : "/tasks/{taskToken}/heartbeat")
        let begin = environment.now()
        var row = newRow(request, requestID: requestID, course.trace, at: begin)
        var problem: Problem?
        var age: Duration?
        var fields: [(name: String, value: String)] = []
        let wait = Duration.seconds(WaitPreference.seconds(request.fields))
        do throws(Problem) {
            let caller: Caller
            do {
                defer { course.authentication = environment.now() - begin }
                if let known = try callerAtOnce(of: request) {
                    caller = known
                } else {
                    caller = try await awaitedCaller(of: request)
                }
            }
            let beat = try admit(caller, request, encodedToken: encodedToken, wait: wait, into: &row, fields: &fields)
            if let binding { try await check(binding, of: beat) }
            let begin = environment.now()
            let relay = await activities.relay(beat)
            course.relayBegin = begin - request.receivedAt
            course.relay = environment.now() - begin
            age = relay.age
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
        if problem == nil, let age {
            answer.fields += [("Heartbeat-Relayed", "false"), ("Age", String(age.secondsRoundedUp))]
        }
        return answer
    }

    /// The audit log is not asked beforehand: a heartbeat that is not relayed can cost the task its life.
    private func admit(
        _ caller: Caller, _ request: Request, encodedToken: ArraySlice<UInt8>?, wait: Duration,
        into row: inout AuditRow, fields: inout [(name: String, value: String)]
    ) throws(Problem) -> Beat {
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

    private func check(_ binding: any TaskBinding, of beat: Beat) async throws(Problem) {
        guard let caller = beat.caller else { return }
        guard await binding.admits(caller, to: beat.taskToken, deadline: beat.deadline) else { throw .taskOfAnother }
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
            cancelRequested: row.cancelRequested == true, upstreamRequestID: row.upstreamRequestID,
            requestID: row.requestID)
    }

    private func newRow(
        _ request: Request, requestID: String, _ trace: TraceContext, at now: ContinuousClock.Instant
    ) -> AuditRow {
        AuditRow(
            receivedAt: environment.wallClock() - (now - request.receivedAt).microseconds, requestID: requestID,
            traceID: trace.traceID, clientAddress: request.clientAddress, outcome: "", status: 0)
    }
}

extension Duration {
    /// Whole ones, of at most some centuries.
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
