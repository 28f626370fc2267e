package import EventLoop
package import Heartbeat
internal import PostgreSQL

/// Reads audit rows from PostgreSQL, on a connection of its own so that those who write never wait behind it: one for a
/// process, on one of its loops. One statement runs at a time.
package actor AuditReader: AuditHistory, FirstCallers {
    package struct Settings: Sendable {
        /// Reads that wait, the running one included.
        package var readsPendingMax = 100
        /// A statement unanswered for so long costs the connection.
        package var statementTimeout: Duration = .seconds(5)

        package init() {}
    }

    package enum Event: Sendable, Equatable {
        /// The table can be read, for the first time or again. Told once a change, as is its opposite.
        case available
        case unavailable(reason: String)
    }

    private nonisolated let loop: EventLoop
    private let queue: ReadQueue

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - observe: called on the loop.
    package init(
        conninfo: String?, on loop: EventLoop, settings: Settings = Settings(),
        observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.loop = loop
        queue = ReadQueue(conninfo: conninfo, on: loop, settings: settings, observe: observe)
    }

    /// Connects, and reads until `stop`.
    package func run() async {
        await queue.run()
    }

    /// Has `run` come to its end; reads that wait fail.
    package func stop() {
        queue.stop()
    }

    package func summary(
        of task: TaskHash, caller: Caller.Identity?, deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> TaskSummary? {
        let rows = try await queue.read(RecordQuery.summary, key(task, caller), deadline: deadline)
        guard let row = rows.first else { return nil }
        guard let last = AuditRecord(row: row), let count = row.last?.flatMap({ Int($0) }) else { throw .unavailable }
        return TaskSummary(last: last, cancelRequestedSince: row[row.count - 2], count: count)
    }

    package func records(
        of task: TaskHash, caller: Caller.Identity?, before position: AuditPosition?, limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> [AuditRecord] {
        let parameters =
            key(task, caller) + RecordQuery.parameters(before: position) + [.text(String(limit))]
        return try await queue.read(RecordQuery.history, parameters, deadline: deadline).compactMap(AuditRecord.init)
    }

    package func firstCaller(
        of task: TaskHash, deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> Caller.Identity? {
        let rows = try await queue.read(RecordQuery.firstCaller, [.hash(of: task)], deadline: deadline)
        guard let row = rows.first, let name = row[0] else { return nil }
        return Caller.Identity(name: name, isOfToken: row[1] == "t")
    }

    private func key(_ task: TaskHash, _ caller: Caller.Identity?) -> [Parameter] {
        [.hash(of: task), .text(caller?.name), .text(caller.map { "\($0.isOfToken)" })]
    }
}
