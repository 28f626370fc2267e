internal import Synchronization

/// Whether PostgreSQL takes one writer's rows now; readable from any thread.
package final class AuditStatus: Sendable {
    private static let initialFault = "not connected yet"

    private let current = Mutex<String?>(initialFault)

    package init() {}

    /// nil: rows are taken. Else why they are not, in words for an operator.
    package internal(set) var fault: String? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// The first of those that there are now. Each status is asked once: between two looks it may change.
    package static func fault(of statuses: [AuditStatus]) -> String? {
        for status in statuses { if let fault = status.fault { return fault } }
        return nil
    }

    package var isAvailable: Bool { fault == nil }

    /// Whether nothing is known yet.
    var isInitial: Bool { fault == Self.initialFault }
}
