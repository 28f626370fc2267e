import HTTP

/// What the audit table has of a task, for those who may read it. Reading leaves no row, since the table is of
/// heartbeats; the observer is told of each, refused or not.
extension HeartbeatHandler {
    func task(_ request: Request, encodedToken: ArraySlice<UInt8>, requestID: String) async -> Response {
        await answer(request, encodedToken, requestID) { task, caller throws(Problem) in
            let summary: TaskSummary?
            do throws(AuditFailure) {
                summary = try await auditHistory.summary(
                    of: task, caller: caller, deadline: WaitPreference.deadline(of: request))
            } catch {
                throw Self.problem(error)
            }
            guard let summary else { throw Self.noRow(ofCaller: caller) }
            return summary.json(now: environment.wallClock())
        }
    }

    func history(_ request: Request, encodedToken: ArraySlice<UInt8>, requestID: String) async -> Response {
        await answer(request, encodedToken, requestID) { task, caller throws(Problem) in
            let query = try HistoryQuery(request.query)
            var records: [AuditRecord]
            do throws(AuditFailure) {
                // One more than wanted tells whether there is a next page.
                records = try await auditHistory.records(
                    of: task, caller: caller, before: query.before, limit: query.limit + 1,
                    deadline: WaitPreference.deadline(of: request))
            } catch {
                throw Self.problem(error)
            }
            if records.isEmpty, query.before == nil { throw Self.noRow(ofCaller: caller) }
            let hasMore = records.count > query.limit
            records = Array(records.prefix(query.limit))
            var object = JSONObject()
            object.add("heartbeats", json: "[" + records.map(\.json).joined(separator: ",") + "]")
            object.add("next", hasMore ? records.last?.position.cursor : nil)
            return object.text
        }
    }

    /// - Parameter read: given the task, and whose rows alone are to be seen; nil: everybody's.
    private func answer(
        _ request: Request, _ encodedToken: ArraySlice<UInt8>, _ requestID: String,
        read: (TaskHash, Caller.Identity?) async throws(Problem) -> String
    ) async -> Response {
        var fields: [(name: String, value: String)] = []
        var response: Response
        var reading = Reading(requestID: requestID, clientAddress: request.clientAddress, duration: .zero)
        do throws(Problem) {
            let caller = try await caller(of: request)
            reading.caller = caller
            try count(caller, fields: &fields)
            try Self.require(.audit, of: caller)
            let task = try TaskHash(named: TaskToken(percentEncoded: encodedToken), hash: environment.taskHash)
            try ContentNegotiation.checkAnswer(request.fields)
            let json = try await read(task, caller.may(.admin) ? nil : caller.identity)
            response = Response(
                status: 200, upstreamRequestID: nil, requestID: requestID, contentType: "application/json",
                body: Array(json.utf8))
        } catch {
            reading.code = error.code
            response = error.response(requestID: requestID, random: environment.random())
        }
        reading.duration = environment.now() - request.receivedAt
        observer.finished(reading)
        response.fields += fields
        return response
    }

    private static func problem(_ failure: AuditFailure) -> Problem {
        switch failure {
        case .unavailable: Problem(.auditUnavailable, "The audit table could not be read in time.")
        case .full: Problem(.overloaded)
        }
    }

    /// Not `.unknownTask`, by which SWF says that a task is over: this one may go on without heartbeats.
    private static func noRow(ofCaller caller: Caller.Identity?) -> Problem {
        let whose = caller == nil ? "No heartbeat of this task" : "No heartbeat of this task by this caller"
        return Problem(.notFound, "\(whose) is in the audit table.")
    }
}
