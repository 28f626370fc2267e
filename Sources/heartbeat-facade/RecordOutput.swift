import ArgumentParser
import JSON

/// The forms in which the AWS CLI prints an answer.
enum RecordOutput: String, ExpressibleByArgument, CaseIterable {
    case json
    case text
    case table

    /// - Returns: nil where nothing is printed: the table of a single value that is false or not there.
    func text(cancelRequested: Bool, query: MemberName?) -> String? {
        guard let query else { return whole(cancelRequested) }
        return single(query.text == "cancelRequested" ? cancelRequested : nil)
    }

    private func whole(_ cancelRequested: Bool) -> String {
        switch self {
        case .json: "{\n    \"cancelRequested\": \(cancelRequested)\n}"
        case .text: cancelRequested ? "True" : "False"
        case .table: cancelRequested ? Self.tableOfTrue : Self.tableOfFalse
        }
    }

    private func single(_ value: Bool?) -> String? {
        switch self {
        case .json: value.map(String.init) ?? "null"
        case .text: value.map { $0 ? "True" : "False" } ?? "None"
        // A value without a name has no row.
        case .table: value == true ? Self.tableWithoutRows : nil
        }
    }

    private static let tableOfTrue = """
        -----------------------------
        |RecordActivityTaskHeartbeat|
        +------------------+--------+
        |  cancelRequested |  True  |
        +------------------+--------+
        """

    private static let tableOfFalse = """
        ------------------------------
        | RecordActivityTaskHeartbeat|
        +------------------+---------+
        |  cancelRequested |  False  |
        +------------------+---------+
        """

    private static let tableWithoutRows = """
        -----------------------------
        |RecordActivityTaskHeartbeat|
        +---------------------------+
        """
}

/// `--query`, as far as it goes here: an identifier of JMESPath's, bare or in double quotes.
struct MemberName: Sendable {
    let text: String

    init(_ expression: String) throws {
        guard let text = Self.bare(expression) ?? Self.quoted(expression) else {
            throw ValidationError("Of JMESPath there is only the name of a member here, such as cancelRequested.")
        }
        self.text = text
    }

    private static func bare(_ text: String) -> String? {
        guard let first = text.utf8.first, !isDigit(first), text.utf8.allSatisfy({ isLetter($0) || isDigit($0) }) else {
            return nil
        }
        return text
    }

    private static func quoted(_ text: String) -> String? {
        guard text.hasPrefix("\""),
            case .string(let name)? = try? JSON.members(of: Array("{\"\":\(text)}".utf8)).first?.value
        else { return nil }
        return name
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
