import Foundation

/// An empty directory of its own, removed with all it holds when the last reference goes or the process exits.
package final class TemporaryDirectory: Sendable {
    package let path: String
    private let teardownKey: Int

    /// - Parameter name: a short prefix; the whole path stays far below the 107 bytes a socket's path may have.
    package init(_ name: String = "hbf") throws {
        var template = Array("/tmp/\(name)-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SupportError.systemCall("mkdtemp") }
        let path = String(cString: made)
        self.path = path
        teardownKey = Teardown.add { try? FileManager.default.removeItem(atPath: path) }
    }

    deinit {
        Teardown.remove(teardownKey)
        try? FileManager.default.removeItem(atPath: path)
    }

    package func file(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// - Returns: the file's path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
        return file(name)
    }
}
