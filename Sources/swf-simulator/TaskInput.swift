import FoundationEssentials

/// An operation's input, which is the same for all here, under the service model's limits.
struct TaskInput: Sendable, Equatable {
    let taskToken: String
    let details: String?

    /// SWF is written in Java, whose strings count UTF-16 units; no source says so of SWF itself.
    static let taskTokenUnitsMax = 1024

    /// - Throws: a SerializationException or a ValidationException. Members that the model has not are passed over.
    init(json: [UInt8], of operation: Operation) throws(Fault) {
        let members: Members
        do {
            members = try JSONDecoder().decode(Members.self, from: Data(json))
        } catch DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty {
            throw .serialization("class java.lang.Object can not be converted to an String")
        } catch {
            throw .serialization("Start of structure or map found where not expected.")
        }
        let faults = [
            Self.fault(of: members.taskToken, at: "taskToken", units: 1...Self.taskTokenUnitsMax),
            Self.fault(of: members.details ?? "", at: "details", units: 0...operation.detailsUnitsMax),
        ].compactMap { $0 }
        guard let taskToken = members.taskToken, faults.isEmpty else { throw .validation(faults) }
        self.taskToken = taskToken
        details = members.details
    }

    private struct Members: Decodable {
        let taskToken: String?
        let details: String?
    }

    /// As the service does, it repeats the value: whoever relays such a message leaks the token.
    private static func fault(of value: String?, at member: String, units: ClosedRange<Int>) -> String? {
        let subject = value.map { "'\($0)'" } ?? "null"
        let constraint: String
        switch value?.utf16.count {
        case nil: constraint = "Member must not be null"
        case let count? where count < units.lowerBound:
            constraint = "Member must have length greater than or equal to \(units.lowerBound)"
        case let count? where count > units.upperBound:
            constraint = "Member must have length less than or equal to \(units.upperBound)"
        default: return nil
        }
        return "Value \(subject) at '\(member)' failed to satisfy constraint: \(constraint)"
    }
}
