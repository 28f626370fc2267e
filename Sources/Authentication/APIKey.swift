package import LibCrypto

/// An API key: `hbf_`, an identifier of 8 base62 digits that may be shown, a secret of 30 (178 bits), a checksum of 6.
///
/// The checksum, the CRC-32 of everything before it, lets a scanner tell a leaked key from noise, and spares a look-up
/// for what is no key at all.
package struct APIKey: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The whole key.
    private var characters: [UInt8]
    /// The identifier as a number, to look the key up by.
    let place: UInt64

    private static let prefix = "hbf_"
    private static let identifierDigits = 8
    private static let secretDigits = 30
    private static let checksumDigits = 6

    /// Nil for anything that `generate` cannot have made.
    package init?(_ text: String) {
        self.init(Array(text.utf8)[...])
    }

    init?(_ text: ArraySlice<UInt8>) {
        let digits = text.dropFirst(Self.prefix.utf8.count)
        guard Self.claims(text), digits.count == Self.identifierDigits + Self.secretDigits + Self.checksumDigits,
            digits.allSatisfy(Base62.isDigit),
            Self.checksum(of: text.dropLast(Self.checksumDigits))[...] == digits.suffix(Self.checksumDigits)
        else { return nil }
        self.init(characters: Array(text))
    }

    private init(characters: [UInt8]) {
        self.characters = characters
        place = Self.place(ofIdentifier: characters[Self.prefix.utf8.count...].prefix(Self.identifierDigits))
    }

    /// The whole key as text, for its holder's eyes only: what is stored is its hash.
    package var secret: String { String(decoding: characters, as: UTF8.self) }

    package static func generate() throws(RandomnessUnavailable) -> APIKey {
        let wanted = identifierDigits + secretDigits
        var digits: [UInt8] = []
        while digits.count < wanted {
            digits += Base62.digits(from: try randomBytes(wanted))
        }
        let characters = prefix.utf8 + digits.prefix(wanted)
        return APIKey(characters: characters + checksum(of: characters[...]))
    }

    private static func checksum(of characters: ArraySlice<UInt8>) -> [UInt8] {
        Base62.encode(crc32(characters), count: checksumDigits)
    }

    /// Names the key without giving it away: the prefix and the identifier.
    package var publicIdentifier: String {
        String(secret.prefix(Self.prefix.utf8.count + Self.identifierDigits))
    }

    /// The identifier alone.
    package var identifier: String {
        String(secret.dropFirst(Self.prefix.utf8.count).prefix(Self.identifierDigits))
    }

    /// - Parameter text: an identifier with or without the prefix.
    /// - Returns: nil where it is none.
    package static func identifier(_ text: String) -> String? {
        let identifier = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        return isIdentifier(identifier) ? identifier : nil
    }

    static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == identifierDigits && text.utf8.allSatisfy(Base62.isDigit)
    }

    /// - Parameter identifier: 8 digits.
    static func place(ofIdentifier identifier: some Sequence<UInt8>) -> UInt64 {
        identifier.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Whether a text means to be a key.
    static func claims(_ text: ArraySlice<UInt8>) -> Bool { text.starts(with: prefix.utf8) }

    /// What is stored of the key: the 32 bytes of its SHA-256. A random secret needs no slower hash.
    package var sha256: [UInt8] { SHA256.hash(characters) }

    /// `sha256` in 64 lower-case hexadecimal digits.
    package var sha256Hex: String { lowercaseHex(sha256) }

    /// Leaves nothing of it here. What was made of it, such as `secret`, stays.
    package mutating func wipe() {
        LibCrypto.wipe(&characters)
    }

    package var description: String { "<API key>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
