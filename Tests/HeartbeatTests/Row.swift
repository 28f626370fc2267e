import HTTP
import Testing

/// One line of a table; a failure is reported under its name.
protocol NamedRow: Sendable, CustomStringConvertible, CustomTestStringConvertible {
    var name: String { get }
}

extension NamedRow {
    var description: String { name }
    var testDescription: String { name }
}

extension Fields {
    init(_ lines: KeyValuePairs<String, String>, key: String? = nil) {
        var bytes: [UInt8] = []
        var entries: [Entry] = []
        let authorization = key.map { ("Authorization", "Bearer \($0)") }
        for (name, value) in lines.map({ ($0, $1) }) + [authorization].compactMap(\.self) {
            let start = bytes.count
            bytes += name.utf8
            let middle = bytes.count
            bytes += value.utf8
            entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
        }
        self.init(bytes: bytes, entries: entries)
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}
