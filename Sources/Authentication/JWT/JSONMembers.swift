internal import JSON

/// A JSON object to look members up in. Names and texts are compared byte for byte: a string's own equality takes
/// different texts for the same, such as a K and the sign for kelvin.
struct JSONMembers {
    private let members: [JSONMember]

    /// Nil where that is no JSON object, or one that two readers could understand differently.
    init?(_ document: [UInt8]) {
        guard let members = try? JSON.members(of: document) else { return nil }
        self.members = members
    }

    subscript(name: String) -> JSONValue? {
        members.first { $0.name.isSame(as: name) }?.value
    }

    func string(_ name: String) -> String? {
        if case .string(let text)? = self[name] { text } else { nil }
    }
}

extension JSONValue {
    /// The elements of an array, in their order.
    var elements: [JSONValue]? {
        if case .other(let compact) = self { try? JSON.elements(of: Array(compact.utf8)) } else { nil }
    }

    /// Of an array that has nothing else.
    var strings: [String]? {
        guard let elements else { return nil }
        let strings = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
        return strings.count == elements.count ? strings : nil
    }

    /// Of a number; an infinity where it is too large for one.
    var number: Double? {
        if case .other(let compact) = self { Double(compact) } else { nil }
    }
}

extension String {
    func isSame(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
