/// The names of callers, which stand in audit rows: one rule for keys, certificates and tokens.
package enum CallerName {
    package static let charactersMax = 128
    /// To follow what is wrong with a name.
    package static let rule = "1 to \(charactersMax) visible ASCII characters, no colon and no # at its beginning"

    package static func isValid(_ name: String) -> Bool {
        isValid(name.utf8)
    }

    static func isValid(_ name: some Collection<UInt8>) -> Bool {
        // A line of static keys that begins with # is a comment.
        (1...charactersMax).contains(name.count) && name.first != UInt8(ascii: "#")
            && name.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") }
    }
}
