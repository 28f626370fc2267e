/// The API keys that the configuration lists: a name and the key's SHA-256 each.
package struct StaticKeys: Sendable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        /// 32 bytes.
        package let sha256: [UInt8]
    }

    package let entries: [Entry]

    /// Admits nobody.
    package static let none = StaticKeys(entries: [])

    package static let nameCharactersMax = 128
    /// Each request is compared with every key.
    package static let keysMax = 1024

    private init(entries: [Entry]) {
        self.entries = entries
    }

    /// - Parameter text: lines of `name:sha256-hex`. A name is visible ASCII without a colon. White space around a
    ///   line, blank lines, and lines that begin with `#` mean nothing.
    /// - Throws: every fault of every line.
    package init(_ text: String) throws(StaticKeysFaults) {
        var entries: [Entry] = []
        var faults: [StaticKeysFaults.Fault] = []
        var lineOfName: [String: Int] = [:]
        var lineOfHash: [[UInt8]: Int] = [:]
        for (line, content) in Self.meaningfulLines(of: text) {
            let (name, hash) = Self.nameAndHash(of: content)
            if name == nil { faults.append(.init(line: line, reason: .badName)) }
            if hash == nil { faults.append(.init(line: line, reason: .badHash)) }
            if let name, let earlier = lineOfName.updateValue(line, forKey: name) {
                faults.append(.init(line: line, reason: .duplicateName(line: earlier)))
            }
            if let hash, let earlier = lineOfHash.updateValue(line, forKey: hash) {
                faults.append(.init(line: line, reason: .duplicateKey(line: earlier)))
            }
            if let name, let hash { entries.append(Entry(name: name, sha256: hash)) }
            if entries.count == Self.keysMax + 1 { faults.append(.init(line: line, reason: .tooManyKeys)) }
        }
        guard faults.isEmpty else { throw StaticKeysFaults(faults: faults) }
        self.entries = entries
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

    /// What is wrong with either is nil.
    private static func nameAndHash(of content: ArraySlice<UInt8>) -> (name: String?, hash: [UInt8]?) {
        let end = content.firstIndex(of: UInt8(ascii: ":")) ?? content.endIndex
        let name = content[..<end]
        let nameIsGood = (1...nameCharactersMax).contains(name.count) && name.allSatisfy { (0x21...0x7e).contains($0) }
        return (
            nameIsGood ? String(decoding: name, as: UTF8.self) : nil, sha256(fromHex: content[end...].dropFirst())
        )
    }

    private static func sha256(fromHex digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count == 64 else { return nil }
        let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard values.count == digits.count else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
