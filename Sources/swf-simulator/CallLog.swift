/// What was called, for tests to ask. The last calls are kept as they came, credentials' signatures included.
struct CallLog: Encodable {
    struct Call: Encodable {
        /// `other` for each that the simulator has not.
        var operation: String
        var taskToken: String?
        var details: String?
        /// By lower-case name; the values of several lines joined with commas.
        var headers: [String: String]
        /// The answer's kind.
        var answer: String
        /// nil: none was sent.
        var status: Int?
        var requestID: String
    }

    struct Connections: Encodable {
        var open = 0
        /// Since the simulator has started.
        var accepted = 0
    }

    static let callsMax = 100

    private(set) var total = 0
    private(set) var byOperation: [String: Int] = [:]
    private(set) var byAnswer: [String: Int] = [:]
    private(set) var connections = Connections()
    /// The oldest first.
    private(set) var calls: [Call] = []

    var last: Call? { calls.last }

    mutating func add(_ call: Call) {
        total += 1
        byOperation[call.operation, default: 0] += 1
        byAnswer[call.answer, default: 0] += 1
        if calls.count == Self.callsMax { calls.removeFirst() }
        calls.append(call)
    }

    /// - Parameter open: how many there are now.
    mutating func connectionsChanged(open: Int) {
        connections.accepted += max(0, open - connections.open)
        connections.open = open
    }

    /// Forgets all calls.
    mutating func reset() {
        let connections = connections
        self = CallLog()
        self.connections = connections
    }

    private enum Member: String, CodingKey {
        case total, byOperation, byAnswer, connections, last, calls
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(total, forKey: .total)
        try members.encode(byOperation, forKey: .byOperation)
        try members.encode(byAnswer, forKey: .byAnswer)
        try members.encode(connections, forKey: .connections)
        try members.encode(last, forKey: .last)
        try members.encode(calls, forKey: .calls)
    }
}
