internal import JSON

/// A task token's SHA-256, by which a task is known wherever the token itself is not needed: in the audit table, among
/// the tasks that have a call under way, on the operator's page. It is no secret.
package struct TaskHash: Sendable, Hashable {
    package typealias Bytes = InlineArray<32, UInt8>

    package let bytes: Bytes

    package init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    package var octets: [UInt8] { bytes.indices.map { bytes[$0] } }

    private static let prefix = "sha256:"

    /// What a caller names a task by: `sha256:` with 64 hexadecimal digits is a hash, which stays whole where a proxy
    /// rewrites slashes and is no secret in its log; all else is a token. No token begins like that: base64 has no
    /// colon.
    /// - Throws: `.invalidRequest`, without a trace of the token.
    package init(named name: TaskToken, hash: (TaskToken) -> TaskHash) throws(Problem) {
        guard name.secret.hasPrefix(Self.prefix) else {
            self = hash(name)
            return
        }
        let digits = name.secret.utf8.dropFirst(Self.prefix.utf8.count).map(\.hexadecimalDigit)
        let values = digits.compactMap(\.self)
        guard values.count == 2 * Bytes.count, digits.count == values.count else {
            throw Problem(.invalidRequest, "After sha256: come the \(2 * Bytes.count) hexadecimal digits of the hash.")
        }
        self.init(Bytes { values[2 * $0] << 4 | values[2 * $0 + 1] })
    }

    package static func == (left: TaskHash, right: TaskHash) -> Bool {
        for index in left.bytes.indices where left.bytes[index] != right.bytes[index] { return false }
        return true
    }

    package func hash(into hasher: inout Hasher) {
        var word: UInt64 = 0
        for index in 0..<8 { word = word << 8 | UInt64(bytes[index]) }
        hasher.combine(word)
    }
}
