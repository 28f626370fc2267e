internal import JSON

/// Where a row stands in the order of the audit table: by its time, and by its id among those of one time.
package struct AuditPosition: Sendable, Hashable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var receivedAt: Int64
    /// A UUID in lower case.
    package var id: String

    private static let timeDigits = 16
    private static let idDigits = 32
    /// 9999-12-31T23:59:59.999999Z; PostgreSQL's own range is wider.
    private static let receivedAtMax: Int64 = 253_402_300_799_999_999

    package init(receivedAt: Int64, id: String) {
        self.receivedAt = receivedAt
        self.id = id
    }

    /// - Returns: nil for what `cursor` cannot have been.
    package init?(cursor: String) {
        let digits = Array(cursor.utf8)
        let isLowerCase = digits.allSatisfy { $0.hexadecimalDigit != nil && !(0x41...0x46).contains($0) }
        guard digits.count == Self.timeDigits + Self.idDigits, isLowerCase,
            let time = Int64(String(decoding: digits[..<Self.timeDigits], as: UTF8.self), radix: 16),
            (0...Self.receivedAtMax).contains(time)
        else { return nil }
        receivedAt = time
        let bounds = [16, 24, 28, 32, 36, 48]
        id = zip(bounds, bounds.dropFirst()).map { String(decoding: digits[$0..<$1], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// Opaque to callers: hexadecimal digits, which pass everywhere as they are.
    package var cursor: String {
        let time = String(receivedAt, radix: 16)
        return String(repeating: "0", count: max(0, Self.timeDigits - time.utf8.count)) + time
            + id.filter { $0 != "-" }
    }
}
