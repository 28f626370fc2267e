internal import EventLoop
package import FlowControl
package import Heartbeat
internal import Synchronization

/// What the relays of all loops have in common.
package final class RelayState: Sendable {
    package struct Settings: Sendable {
        package var admission = AdmissionControl.Rules()
        /// Of tasks whose callers do not say their timeout; nil: each of their beats is relayed.
        package var interval: Duration?
        /// Of which something is remembered: some kilobytes each, where a beat with long details is put off.
        package var tasksMax = 32_768

        package init() {}
    }

    /// For metrics.
    package struct Snapshot: Sendable {
        package let queued: Int
        /// Calls a second; nil: not limited.
        package let rate: Double?
        /// Of the calls that could be sent at once, how many are used up: 0 to 1.
        package let scarcity: Double
        package let circuit: CircuitBreaker.State
        package let tasks: Int
    }

    /// In an array, which cannot hold the mutex itself.
    final class Shard: Sendable {
        let table: Mutex<FlowTable>

        init(tasksMax: Int) {
            table = Mutex(FlowTable(tasksMax: tasksMax))
        }
    }

    private static let shardsCount = 16

    let settings: Settings
    let admission: Mutex<AdmissionControl>
    let shards: [Shard]
    private let posts = Mutex<[Post]>([])

    package init(_ settings: Settings, now: Moment = .now) {
        self.settings = settings
        admission = Mutex(AdmissionControl(settings.admission, now: now))
        shards = (0..<Self.shardsCount).map { _ in Shard(tasksMax: settings.tasksMax / Self.shardsCount) }
    }

    package var snapshot: Snapshot {
        let (queued, rate, scarcity, circuit) = admission.withLock {
            ($0.queued, $0.rate.limit, $0.rate.scarcity(at: .now), $0.circuit.state)
        }
        let tasks = shards.reduce(0) { sum, shard in sum + shard.table.withLock { $0.count } }
        return Snapshot(queued: queued, rate: rate, scarcity: scarcity, circuit: circuit, tasks: tasks)
    }

    /// Tasks that were silent for longer than their timeout, of those that said it, the last ones to become so first.
    package var absences: [(task: TaskHash, absence: Absence)] {
        shards.flatMap { shard in shard.table.withLock { $0.absences } }
            .sorted { $0.absence.lastBeatAt + $0.absence.timeout > $1.absence.lastBeatAt + $1.absence.timeout }
    }

    /// A change of the table that a task is in.
    func table<Result: Sendable>(of key: FlowTable.Key, _ change: (inout sending FlowTable) -> sending Result) -> Result
    {
        shards[Int(key.hash.bytes[0]) % shards.count].table.withLock { change(&$0) }
    }

    /// Of SWF's rate, 0 to 1.
    func scarcity(at now: Moment) -> Double {
        admission.withLock { $0.rate.scarcity(at: now) }
    }

    /// To be called by each loop's relays at their start.
    func newPost(on loop: EventLoop) -> Post {
        posts.withLock { posts in
            let post = Post(number: posts.count, on: loop)
            posts.append(post)
            return post
        }
    }

    func post(_ number: Int) -> Post {
        posts.withLock { $0[number] }
    }
}
