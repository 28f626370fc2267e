package import Heartbeat

/// That no beat of a task comes any more.
package struct Absence: Sendable, Equatable {
    package let lastBeatAt: Moment
    package let timeout: Duration
    /// Whose the last beat was; empty where nobody is known.
    package let caller: String

    /// Since when a beat is overdue.
    fileprivate var since: Moment { lastBeatAt + timeout }
}

/// The tasks that were silent for longer than their timeout, as many of the last ones as there is room for.
struct AbsentTasks: Sendable {
    /// In each of the tables that tasks are spread over.
    static let tasksMax = 64

    private var tasks: [FlowTable.Key: Absence] = [:]

    var all: [(task: TaskHash, absence: Absence)] { tasks.map { ($0.key.hash, $0.value) } }

    mutating func insert(_ key: FlowTable.Key, _ absence: Absence) {
        if tasks.count >= Self.tasksMax, tasks[key] == nil,
            let earliest = tasks.min(by: { $0.value.since < $1.value.since })
        {
            tasks[earliest.key] = nil
        }
        tasks[key] = absence
    }

    /// A beat has come.
    mutating func remove(_ key: FlowTable.Key) {
        if !tasks.isEmpty { tasks[key] = nil }
    }
}
