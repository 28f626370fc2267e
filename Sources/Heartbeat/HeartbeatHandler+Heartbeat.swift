import HTTP

extension HeartbeatHandler {
    /// Authenticate, read, relay, audit, answer.
    func heartbeat(_ request: Request, encodedToken: ArraySlice<UInt8>?, requestID: String) async -> Response {
        var passage = begin(request, carriesToken: encodedToken == nil, requestID)
        do throws(Problem) {
            let caller =
                if let known = try identify(request, &passage) {
                    known
                } else {
                    try await awaitedCaller(of: request, &passage)
                }
            let beat = try admit(caller, request, encodedToken: encodedToken, &passage)
            if let binding { try await check(binding, of: beat) }
            passage.course.relayBegin = elapsed(since: request)
            try note(await activities.relay(beat), &passage)
        } catch {
            passage.problem = error
        }
        close(&passage, request)
        do throws(AuditFailure) {
            try await auditLog.append(passage.row, wait: passage.wait)
        } catch {
            // Without its row no result leaves, not even that SWF has recorded the heartbeat.
            passage.problem = Problem(error == .full ? .overloaded : .auditUnavailable)
        }
        return finish(&passage, request)
    }

    private func begin(_ request: Request, carriesToken: Bool, _ requestID: String) -> Passage {
        let trace = TraceContext(request.fields, random: environment.random)
        let begun = elapsed(since: request)
        return Passage(
            begun: begun,
            row: AuditRow(
                receivedAt: environment.wallClock() - begun.microseconds, requestID: requestID, traceID: trace.traceID,
                clientAddress: request.clientAddress, outcome: "", status: 0),
            course: Course(trace: trace, route: carriesToken ? "/tasks/heartbeat" : "/tasks/{taskToken}/heartbeat"),
            wait: .seconds(WaitPreference.seconds(request.fields)))
    }

    /// See `callerAtOnce`.
    private func identify(_ request: Request, _ passage: inout Passage) throws(Problem) -> Caller? {
        defer { passage.course.authentication = elapsed(since: request) - passage.begun }
        return try callerAtOnce(of: request)
    }

    private func awaitedCaller(of request: Request, _ passage: inout Passage) async throws(Problem) -> Caller {
        defer { passage.course.authentication = elapsed(since: request) - passage.begun }
        return try await awaitedCaller(of: request)
    }

    /// The audit log is not asked beforehand: a heartbeat that is not relayed can cost the task its life.
    private func admit(
        _ caller: Caller, _ request: Request, encodedToken: ArraySlice<UInt8>?, _ passage: inout Passage
    ) throws(Problem) -> Beat {
        passage.row.caller = caller
        try count(caller, fields: &passage.fields)
        try Self.require(.heartbeat, of: caller)
        var task: (token: TaskToken, hash: TaskHash)?
        if let encodedToken { task = try note(TaskToken(percentEncoded: encodedToken), &passage) }
        try ContentNegotiation.check(request.fields)
        let body = try HeartbeatBody(request.body, carriesToken: encodedToken == nil)
        if let token = body.taskToken { task = note(token, &passage) }
        guard let task else { throw Problem(.internalError) }
        passage.row.keep(body.details, as: environment.detailsRetention)
        return Beat(
            taskToken: task.token, taskHash: task.hash, details: body.details,
            deadline: request.receivedAt + passage.wait,
            heartbeatTimeout: try HeartbeatTimeout.of(request.fields, body), caller: caller,
            requestID: passage.row.requestID, traceID: passage.row.traceID)
    }

    private func note(_ token: TaskToken, _ passage: inout Passage) -> (token: TaskToken, hash: TaskHash) {
        let hash = environment.taskHash(token)
        passage.row.taskHash = hash
        return (token, hash)
    }

    private func check(_ binding: any TaskBinding, of beat: Beat) async throws(Problem) {
        guard let caller = beat.caller else { return }
        guard await binding.admits(caller, to: beat.taskHash, deadline: beat.deadline) else { throw .taskOfAnother }
    }

    private func note(_ relay: Relay, _ passage: inout Passage) throws(Problem) {
        passage.age = relay.age
        passage.row.upstreamRequestID = relay.upstreamRequestID
        passage.row.attempts = relay.attempts
        passage.row.relayed = relay.attempts > 0 && relay.age == nil
        switch relay.outcome {
        case .success(let cancelRequested):
            passage.row.cancelRequested = cancelRequested
        case .failure(let failure):
            if case .fault(let type, _) = failure { passage.row.fault = type }
            throw Problem(ErrorCode(failure), retryAfter: relay.retryAfter?.secondsRoundedUp)
        }
    }

    /// The row is whole then, but for how long it takes to be durable.
    private func close(_ passage: inout Passage, _ request: Request) {
        let duration = elapsed(since: request)
        passage.course.relay = passage.course.relayBegin.map { duration - $0 }
        passage.row.duration = duration
        passage.row.outcome = passage.problem?.code.rawValue ?? "recorded"
        passage.row.status = passage.problem?.code.status ?? 200
    }

    private func finish(_ passage: inout Passage, _ request: Request) -> Response {
        let duration = elapsed(since: request)
        passage.course.audit = duration - passage.row.duration
        observer.finished(passage.row, code: passage.problem?.code, duration: duration, passage.course)
        var answer = answer(passage.row, passage.problem)
        if environment.tellsTimings { answer.fields.append(("Server-Timing", passage.course.serverTiming)) }
        answer.fields += passage.fields
        if passage.problem == nil, let age = passage.age {
            answer.fields += [("Heartbeat-Relayed", "false"), ("Age", String(age.secondsRoundedUp))]
        }
        return answer
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

    /// The end of its head. A duration, as an instant's size is not known here: it cannot stand in an async frame.
    private func elapsed(since request: Request) -> Duration {
        environment.now() - request.receivedAt
    }
}

/// What is learnt of a heartbeat on its way.
private struct Passage {
    /// How long after the end of the request's head.
    let begun: Duration
    var row: AuditRow
    var course: Course
    /// How long the caller is ready to wait.
    let wait: Duration
    /// nil: nothing is wrong so far.
    var problem: Problem?
    /// Of the last known status, where that is the answer.
    var age: Duration?
    /// Those that every answer to the caller has.
    var fields: [(name: String, value: String)] = []
}
