import EventLoop
import LibCrypto

/// The last known keys on disk, hashes only, so that a restart while PostgreSQL is away still knows its callers.
///
/// A line that says what it is, a line a key with its fields between tabs, and the SHA-256 of all before it.
enum KeyFile {
    static let name = "api-keys"
    static let bytesMax = 64 << 20
    private static let header = "heartbeat-facade API keys, version 1"
    private static let separator = UInt8(ascii: "\t")
    private static let lineEnd = UInt8(ascii: "\n")
    /// Of 64 digits, and the line's end.
    private static let checksumBytes = 65

    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    static func encode(_ keys: [StoredKey]) -> [UInt8] {
        var bytes = Array("\(header)\n".utf8)
        for key in keys {
            // No field holds a tab or a line's end, and none that may be missing is empty where it is there.
            bytes += key.fields.map { $0 ?? "" }.joined(separator: "\t").utf8
            bytes.append(lineEnd)
        }
        return bytes + "\(lowercaseHex(SHA256.hash(bytes)))\n".utf8
    }

    /// All of it or nothing.
    static func decode(_ bytes: [UInt8]) throws(Fault) -> [StoredKey] {
        let content = Array(bytes.dropLast(checksumBytes))
        guard bytes.suffix(checksumBytes).elementsEqual("\(lowercaseHex(SHA256.hash(content)))\n".utf8) else {
            throw Fault(description: "its checksum is wrong")
        }
        var lines = content.split(separator: lineEnd, omittingEmptySubsequences: false)
        guard let first = lines.first, first.elementsEqual(header.utf8), lines.last?.isEmpty == true else {
            throw Fault(description: "it is of another version")
        }
        lines = lines.dropFirst().dropLast()
        var keys: [StoredKey] = []
        for line in lines {
            let fields = line.split(separator: separator, omittingEmptySubsequences: false).map { field in
                field.isEmpty ? nil : String(decoding: field, as: UTF8.self)
            }
            guard let key = StoredKey(fields) else { throw Fault(description: "line \(keys.count + 2) is no key") }
            keys.append(key)
        }
        return keys
    }

    /// Blocking.
    /// - Returns: nil where there is no file.
    static func read(at path: String) throws(Fault) -> [StoredKey]? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try readFile(at: path, bytesMax: bytesMax)
        } catch {
            if error.isNotFound { return nil }
            throw Fault(description: "\(error)")
        }
        return try decode(bytes)
    }
}
