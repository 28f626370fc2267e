internal import JSON

/// Writes an object's members, those without a value left out.
package struct JSONObject {
    private var members: [String] = []

    package init() {}

    package mutating func add(_ name: String, _ value: String?) {
        add(name, json: value.map(JSON.quoted))
    }

    /// - Parameter value: one whose description is JSON: of a number, of a boolean, of JSON itself.
    package mutating func add(_ name: String, json value: (some CustomStringConvertible)?) {
        if let value { members.append("\(JSON.quoted(name)):\(value)") }
    }

    package var text: String { "{" + members.joined(separator: ",") + "}" }
}
