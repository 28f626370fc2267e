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
    }

    package private(set) var bytes: [UInt8]
    package private(set) var entries: [Entry]

    /// - Parameter entries: ranges inside `bytes`.
    package init(bytes: [UInt8] = [], entries: [Entry] = []) {
        self.bytes = bytes
        self.entries = entries
    }
}
