/// The header fields of a message in the order they came, duplicates kept (RFC 9110 §5).
///
/// One buffer holds all bytes and the entries are ranges in it, so that a head costs two allocations
/// however many fields it has.
package struct Fields: Sendable, Equatable {
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
        entries.count { matches($0, name) }
    }

    /// The first value of this name; nil only where the field is absent.
    ///
    /// Values are read as UTF-8. Bytes that are not become U+FFFD rather than nil, for an unreadable field must not
    /// pass for an absent one: no credential, media type or number has that character in it.
    package func first(_ name: String) -> String? {
        entries.first { matches($0, name) }.map(value)
    }

    /// The bytes of the first value of this name.
    package func firstBytes(of name: String) -> ArraySlice<UInt8>? {
        entries.first { matches($0, name) }.map { bytes[$0.value] }
    }

    /// All values of this name, in order; see `first(_:)`.
    package func values(named name: String) -> [String] {
        entries.filter { matches($0, name) }.map(value)
    }

    /// The bytes of the only value of this name: nil where there is none, or more than one.
    package func onlyValue(of name: String) -> ArraySlice<UInt8>? {
        var only: Range<Int>?
        for entry in entries where matches(entry, name) {
            if only != nil { return nil }
            only = entry.value
        }
        return only.map { bytes[$0] }
    }

    /// See `first(_:)`.
    package subscript(_ name: String) -> String? { first(name) }

    private func value(of entry: Entry) -> String {
        String(decoding: bytes[entry.value], as: UTF8.self)
    }

    private func matches(_ entry: Entry, _ name: String) -> Bool {
        guard entry.name.count == name.utf8.count else { return false }
        var index = entry.name.lowerBound
        for byte in name.utf8 {
            if bytes[index].lowercased != byte.lowercased { return false }
            index += 1
        }
        return true
    }
}

// Credentials stand in here: the values are not to be printed by accident.
extension Fields: CustomStringConvertible {
    package var description: String { "\(count) fields" }
}
