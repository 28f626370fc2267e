package import LibCrypto

/// An API key: `hbf_`, an identifier of 8 base62 digits that may be shown, a secret of 30 (178 bits), a checksum of 6.
///
/// The checksum, the CRC-32 of everything before it, lets a scanner tell a leaked key from noise, and spares a look-up
/// for what is no key at all.
package struct APIKey: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The whole key.
    private let characters: [UInt8]

    private static let prefix = Array("hbf_".utf8)
    private static let identifierDigits = 8
    private static let secretDigits = 30
    private static let checksumDigits = 6
    private static let charactersCount = prefix.count + identifierDigits + secretDigits + checksumDigits

    /// Nil for anything that `generate` cannot have made.
    package init?(_ text: String) {
        guard Self.isKey(text.utf8.span) else { return nil }
        characters = Array(text.utf8)
    }

    private init(characters: [UInt8]) {
        self.characters = characters
    }

    /// What a key is looked up and compared by. The key cannot be told from it.
    struct Fingerprint: Sendable {
        /// The identifier as a number.
        let place: UInt64
        /// What is stored of the key: the 32 bytes of its SHA-256. A random secret needs no slower hash.
        let sha256: SHA256.Digest

        /// Nil for anything that `generate` cannot have made. No copy is made of the text.
        init?(_ text: ArraySlice<UInt8>) {
            guard APIKey.isKey(text.span) else { return nil }
            self.init(of: text.span)
        }

        fileprivate init(of key: Span<UInt8>) {
            let identifier = key.extracting(APIKey.prefix.count..<APIKey.prefix.count + APIKey.identifierDigits)
            place = identifier.indices.reduce(0) { $0 << 8 | UInt64(identifier[$1]) }
            sha256 = SHA256.digest(of: key)
        }
    }

    var fingerprint: Fingerprint { Fingerprint(of: characters.span) }

    /// The whole key as text, for its holder's eyes only: what is stored is its hash.
    package var secret: String { String(decoding: characters, as: UTF8.self) }

    package static func generate() throws(RandomnessUnavailable) -> APIKey {
        let wanted = identifierDigits + secretDigits
        var digits: [UInt8] = []
        while digits.count < wanted {
            digits += Base62.digits(from: try randomBytes(wanted))
        }
        let characters = prefix + digits.prefix(wanted)
        return APIKey(characters: characters + Base62.encode(crc32(characters.span), count: checksumDigits))
    }

    private static func isKey(_ text: Span<UInt8>) -> Bool {
        guard text.count == charactersCount, prefix.indices.allSatisfy({ text[$0] == prefix[$0] }) else { return false }
        for index in prefix.count..<text.count where !Base62.isDigit(text[index]) { return false }
        let checksum = crc32(text.extracting(droppingLast: checksumDigits))
        return Base62.isEncoding(text.extracting(last: checksumDigits), of: checksum)
    }

    /// Names the key without giving it away: the prefix and the identifier.
    package var publicIdentifier: String {
        String(secret.prefix(Self.prefix.count + Self.identifierDigits))
    }

    /// The identifier alone.
    package var identifier: String {
        String(secret.dropFirst(Self.prefix.count).prefix(Self.identifierDigits))
    }

    /// - Parameter text: an identifier with or without the prefix.
    /// - Returns: nil where it is none.
    package static func identifier(_ text: String) -> String? {
        let identifier = text.utf8.starts(with: prefix) ? String(text.dropFirst(prefix.count)) : text
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
    static func claims(_ text: ArraySlice<UInt8>) -> Bool { text.starts(with: prefix) }

    /// See `Fingerprint.sha256`.
    package var sha256: [UInt8] { SHA256.hash(characters) }

    /// `sha256` in 64 lower-case hexadecimal digits.
    package var sha256Hex: String { lowercaseHex(sha256) }

    package var description: String { "<API key>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
