import Heartbeat
import Synchronization

/// Answers with what it is given, and notes what it is asked.
final class FakeHistory: AuditHistory {
    struct Question: Sendable, Equatable {
        var task: TaskHash
        var caller: Caller.Identity?
        var position: AuditPosition?
        /// nil: of a summary.
        var limit: Int?
        var deadline: ContinuousClock.Instant
    }

    struct State: Sendable {
        var summary: TaskSummary?
        var records: [AuditRecord] = []
        var failure: AuditFailure?
        var questions: [Question] = []
    }

    let state = Mutex(State())

    var questions: [Question] { state.withLock(\.questions) }

    func summary(
        of task: TaskHash, caller: Caller.Identity?, deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> TaskSummary? {
        await Task.yield()
        let state = ask(Question(task: task, caller: caller, deadline: deadline))
        if let failure = state.failure { throw failure }
        return state.summary
    }

    func records(
        of task: TaskHash, caller: Caller.Identity?, before position: AuditPosition?, limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> [AuditRecord] {
        await Task.yield()
        let state = ask(
            Question(task: task, caller: caller, position: position, limit: limit, deadline: deadline))
        if let failure = state.failure { throw failure }
        return Array(state.records.prefix(limit))
    }

    private func ask(_ question: Question) -> State {
        state.withLock { state in
            state.questions.append(question)
            return state
        }
    }
}

extension AuditRecord {
    /// A row with nothing in it that need not be.
    static func make(_ number: Int) -> AuditRecord {
        let id = "01980000-0000-7000-8000-00000000000\(number)"
        return AuditRecord(
            position: AuditPosition(receivedAt: 1_699_999_990_123_456 + Int64(number), id: id),
            receivedAt: "2023-11-14T22:13:10.12345\(number)Z", requestID: "r\(number)", outcome: "recorded",
            status: 200, attempts: 1, durationMicroseconds: 1234, relayed: true, instance: "i")
    }

    /// A row with everything in it.
    static var full: AuditRecord {
        var record = make(1)
        record.traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
        record.caller = "worker"
        record.authentication = "api_key"
        record.clientAddress = "192.0.2.1"
        record.taskTokenSHA256 = "ab"
        record.details = "50% \"\u{0}\""
        record.detailsLength = 7
        record.cancelRequested = true
        record.fault = "UnknownResourceFault"
        record.upstreamRequestID = "swf-1"
        return record
    }
}
