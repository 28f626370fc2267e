/// The header fields of a message in the order they came, duplicates kept (RFC 9110 §5).
///
/// One buffer holds all bytes and the entries are ranges in it, so that a head costs two allocations
/// however many fields it has.
package struct Fields: Sendable {
    package struct Entry: Sendable, Equatable {
        package var name: Range<Int>
        /// Without the white space around it.
        package var value: Range<Int>

        package init(name: Range<Int>, value: Range<Int>) {
            self.name = name
            self.value = value
        }

        /// - Parameter start: where the bytes that the entry is to be in begin, in those that the ranges are of.
        init(name: Range<Int>, value: Range<Int>, from start: Int) {
            self.init(
                name: name.lowerBound - start..<name.upperBound - start,
                value: value.lowerBound - start..<value.upperBound - start)
        }
    }

    package private(set) var bytes: [UInt8]
    package private(set) var entries: [Entry]

    /// - Parameter entries: ranges inside `bytes`.
    package init(bytes: [UInt8] = [], entries: [Entry] = []) {
        self.bytes = bytes
        self.entries = entries
    }

    package mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let start = bytes.count
        let middle = start + name.count
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: value)
        entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
    }

    /// All field lines, duplicates counted.
    package var count: Int { entries.count }

    /// The lines of this name: more than one is an attack on most fields that are not lists.
    ///
    /// Names compare without regard to case here and below (RFC 9110 §5.1), and nothing is allocated for it.
    package func count(named name: String) -> Int {
        var (count, index) = (0, 0)
        while let next = firstIndex(of: name, from: index) { (count, index) = (count + 1, next + 1) }
        return count
    }

    /// The first value of this name; nil only where the field is absent.
    ///
    /// Values are read as UTF-8. Bytes that are not become U+FFFD rather than nil, for an unreadable field must not
    /// pass for an absent one: no credential, media type or number has that character in it.
    package func first(_ name: String) -> String? {
        firstIndex(of: name, from: 0).map(value)
    }

    /// The bytes of the first value of this name.
    package func firstBytes(of name: String) -> ArraySlice<UInt8>? {
        firstIndex(of: name, from: 0).map { bytes[entries[$0].value] }
    }

    /// All values of this name, in order; see `first(_:)`.
    package func values(named name: String) -> [String] {
        var (values, index) = ([String](), 0)
        while let next = firstIndex(of: name, from: index) {
            values.append(value(next))
            index = next + 1
        }
        return values
    }

    /// The bytes of the only value of this name: nil where there is none, or more than one.
    package func onlyValue(of name: String) -> ArraySlice<UInt8>? {
        guard let index = firstIndex(of: name, from: 0), firstIndex(of: name, from: index + 1) == nil else {
            return nil
        }
        return bytes[entries[index].value]
    }

    /// See `first(_:)`.
    package subscript(_ name: String) -> String? { first(name) }

    private func value(_ index: Int) -> String {
        String(decoding: bytes[entries[index].value], as: UTF8.self)
    }

    private func firstIndex(of name: String, from start: Int) -> Int? {
        let name = name.utf8.span
        var index = start
        while index < entries.count {
            let range = entries[index].name
            if range.count == name.count, equals(range, name) { return index }
            index += 1
        }
        return nil
    }

    private func equals(_ range: Range<Int>, _ name: Span<UInt8>) -> Bool {
        for index in name.indices where bytes[range.lowerBound + index].lowercased != name[index].lowercased {
            return false
        }
        return true
    }
}

extension Fields: Equatable {
    /// Whether the lines are the same, wherever their bytes are.
    package static func == (first: Fields, second: Fields) -> Bool {
        first.entries.elementsEqual(second.entries) {
            first.bytes[$0.name] == second.bytes[$1.name] && first.bytes[$0.value] == second.bytes[$1.value]
        }
    }
}

// Credentials stand in here: the values are not to be printed by accident.
extension Fields: CustomStringConvertible {
    package var description: String { "\(count) fields" }
}
