package import Heartbeat
import LibCrypto

/// The API keys that the configuration lists: a name, the key's SHA-256, and what the caller may do.
package struct StaticKeys: Sendable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        /// 32 bytes.
        package let sha256: [UInt8]
        package let scopes: Set<Scope>

        var caller: Caller { Caller(name: name, authentication: .apiKey, scopes: scopes) }
    }

    package let entries: [Entry]
    /// By the hash's beginning.
    private let places: [UInt64: [Entry]]

    /// Admits nobody.
    package static let none = StaticKeys(entries: [])

    package static let keysMax = 1024

    private init(entries: [Entry]) {
        self.entries = entries
        places = Dictionary(grouping: entries) { Self.place(of: $0.sha256.span) }
    }

    /// - Parameter hash: a key's SHA-256.
    func entry(of hash: Span<UInt8>) -> Entry? {
        for entry in places[Self.place(of: hash)] ?? [] where constantTimeEqual(entry.sha256.span, hash) {
            return entry
        }
        return nil
    }

    private static func place(of hash: Span<UInt8>) -> UInt64 {
        hash.indices.prefix(8).reduce(0) { $0 << 8 | UInt64(hash[$1]) }
    }

    /// - Parameter text: lines of `name:sha256-hex[:scope[,scope]]`; without scopes it is `heartbeat`. White space
    ///   around a line, blank lines, and lines that begin with `#` mean nothing.
    /// - Throws: every fault of every line.
    package init(_ text: String) throws(StaticKeysFaults) {
        var entries: [Entry] = []
        var faults: [StaticKeysFaults.Fault] = []
        var lineOfName: [String: Int] = [:]
        var lineOfHash: [[UInt8]: Int] = [:]
        for (line, content) in Self.meaningfulLines(of: text) {
            let (name, hash, scopes) = Self.fields(of: content)
            if name == nil { faults.append(.init(line: line, reason: .badName)) }
            if hash == nil { faults.append(.init(line: line, reason: .badHash)) }
            if hash != nil, scopes == nil { faults.append(.init(line: line, reason: .badScopes)) }
            if let name, let earlier = lineOfName.updateValue(line, forKey: name) {
                faults.append(.init(line: line, reason: .duplicateName(line: earlier)))
            }
            if let hash, let earlier = lineOfHash.updateValue(line, forKey: hash) {
                faults.append(.init(line: line, reason: .duplicateKey(line: earlier)))
            }
            if let name, let hash, let scopes {
                entries.append(Entry(name: name, sha256: hash, scopes: scopes))
            }
            if entries.count == Self.keysMax + 1 { faults.append(.init(line: line, reason: .tooManyKeys)) }
        }
        guard faults.isEmpty else { throw StaticKeysFaults(faults: faults) }
        self.init(entries: entries)
    }

    /// With their numbers, from 1 on.
    private static func meaningfulLines(of text: String) -> [(number: Int, content: ArraySlice<UInt8>)] {
        let lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            let content = trimmed(line)
            return content.isEmpty || content.first == UInt8(ascii: "#") ? nil : (index + 1, content)
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 || byte == 0x0d }
        let begun = line.drop(while: isSpace)
        guard let last = begun.lastIndex(where: { !isSpace($0) }) else { return [] }
        return begun[...last]
    }

    /// What is wrong with each is nil.
    private static func fields(
        of content: ArraySlice<UInt8>
    ) -> (name: String?, hash: [UInt8]?, scopes: Set<Scope>?) {
        let fields = content.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        let name = fields[0]
        return (
            CallerName.isValid(name) ? String(decoding: name, as: UTF8.self) : nil,
            fields.count > 1 ? sha256(fromHex: fields[1]) : nil,
            fields.count > 2 ? Scope.list(fields[2]) : Scope.standard
        )
    }

    private static func sha256(fromHex digits: ArraySlice<UInt8>) -> [UInt8]? {
        digits.count == 64 ? Hexadecimal.bytes(digits) : nil
    }
}
