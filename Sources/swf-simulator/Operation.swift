/// What there is here of SWF's API.
enum Operation: String, Sendable, CaseIterable {
    case recordHeartbeat = "RecordActivityTaskHeartbeat"
    case respondCanceled = "RespondActivityTaskCanceled"

    private static let service = "SimpleWorkflowService"

    /// - Parameter target: the `X-Amz-Target`.
    init?(target: String?) {
        guard let operation = Self.allCases.first(where: { $0.target == target }) else { return nil }
        self = operation
    }

    var target: String { "\(Self.service).\(rawValue)" }

    var detailsUnitsMax: Int {
        switch self {
        case .recordHeartbeat: 2048
        case .respondCanceled: 32_768
        }
    }
}
