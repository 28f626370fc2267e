package import Heartbeat
import Synchronization

/// Binds each task to the caller that first used its token: in memory, and behind that in the audit table, by which it
/// outlives the process and holds in all replicas.
package final class FirstCallerBinding: TaskBinding {
    private struct Owner {
        let caller: Caller.Identity
        /// Whether the table has said so. Until it has, a caller elsewhere may have come first.
        let isProven: Bool
    }

    package static let tasksMax = 100_000
    /// How long a heartbeat waits for the table: at most so long, and a quarter of the time that it has.
    private static let lookUpTimeout: Duration = .seconds(1)
    private static let lookUpShare = 4

    private let history: any FirstCallers
    private let isHistoryWhole: @Sendable () -> Bool
    private let owners: Mutex<RecentlyUsed<TaskHash, Owner>>

    /// - Parameter isHistoryWhole: whether all rows of this process are in the table. While some are not, who was first
    ///   may be among them, and the table is not asked.
    package init(
        _ history: any FirstCallers, tasksMax: Int = tasksMax, isHistoryWhole: @escaping @Sendable () -> Bool = { true }
    ) {
        self.history = history
        self.isHistoryWhole = isHistoryWhole
        owners = Mutex(RecentlyUsed(countMax: tasksMax))
    }

    /// An admin may heartbeat every task, and is the owner of one as others are.
    ///
    /// A task that is not known, and cannot be looked up, is anybody's: a heartbeat that is refused in error can cost
    /// the task its life. Nothing is then remembered either, since its owner may come only later.
    package func admits(_ caller: Caller, to task: TaskHash, deadline: ContinuousClock.Instant) async -> Bool {
        let owner = await owner(of: task, usedBy: caller.identity, deadline: deadline)
        return owner == caller.identity || caller.may(.admin)
    }

    private func owner(
        of task: TaskHash, usedBy caller: Caller.Identity, deadline: ContinuousClock.Instant
    ) async -> Caller.Identity {
        let known = owners.withLock { $0[task] }
        // Only a yes is final: another replica's row may have come late, and have been the first.
        if let known, known.isProven, known.caller == caller { return caller }
        guard isHistoryWhole() else { return known?.caller ?? caller }
        let now = ContinuousClock.now
        let lookUpDeadline = now + min(Self.lookUpTimeout, (deadline - now) / Self.lookUpShare)
        do throws(AuditFailure) {
            let first = try await history.firstCaller(of: task, deadline: lookUpDeadline)
            return first.map { prove($0, of: task) } ?? claim(task, for: caller)
        } catch {
            // Another may have been first meanwhile.
            return owners.withLock { $0[task] }?.caller ?? caller
        }
    }

    private func prove(_ caller: Caller.Identity, of task: TaskHash) -> Caller.Identity {
        owners.withLock { $0.set(Owner(caller: caller, isProven: true), for: task) }
        return caller
    }

    /// - Returns: whose it is: another may have been first while the table was asked.
    private func claim(_ task: TaskHash, for caller: Caller.Identity) -> Caller.Identity {
        owners.withLock { owners in
            if let owner = owners[task] { return owner.caller }
            owners.set(Owner(caller: caller, isProven: false), for: task)
            return caller
        }
    }
}
