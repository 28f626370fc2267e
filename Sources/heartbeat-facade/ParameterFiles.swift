import ArgumentParser
import EventLoop

/// Options' values that may stand in files.
struct ParameterFiles {
    let home: String?

    private static let scheme = "file://"
    private static let bytesMax = 1 << 20

    /// The value itself, or what is in the file that it names.
    func text(of value: String, option: String) throws -> String {
        guard value.hasPrefix(Self.scheme) else { return value }
        var path = String(value.dropFirst(Self.scheme.count))
        if let home, path.hasPrefix("~/") { path = home + path.dropFirst() }
        let bytes: [UInt8]
        do {
            bytes = try readFile(at: path, bytesMax: Self.bytesMax)
        } catch {
            throw ValidationError("\(option): \(error).")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ValidationError("\(option): \(path) is not UTF-8.")
        }
        return text
    }

    /// A task token, or the one in the file that it names; not validated.
    func taskToken(of value: String, option: String) throws -> String {
        var token = try text(of: value, option: option)
        // No token has one, and whatever wrote the file may well have ended its line.
        if token.last?.isNewline == true { token.removeLast() }
        return token
    }
}
