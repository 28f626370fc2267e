import Foundation

/// Where things are that the tests use.
package enum Locations {
    /// The directory of `Package.swift`.
    package static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// An executable of this package, of the same build as the running tests: it lies beside their binary. Or where
    /// `HEARTBEAT_TEST_PRODUCTS` says: for runs whose numbers are of interest, the release build's directory.
    ///
    /// - Throws: where it is not built.
    package static func product(_ name: String) throws -> String {
        let beside = try buildDirectory()
        let given = ProcessInfo.processInfo.environment["HEARTBEAT_TEST_PRODUCTS"]
        for directory in [given, beside, "\(packageRoot)/.build/debug"].compactMap(\.self) {
            let path = "\(directory)/\(name)"
            if access(path, X_OK) == 0 { return path }
        }
        throw SupportError("\(name) is not built: neither in \(beside) nor in \(packageRoot)/.build/debug")
    }

    /// Of the running tests' build.
    package static func buildDirectory() throws -> String {
        URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent().path
    }

    /// - Parameter name: a path, or a name to be found where the system keeps its programs.
    package static func executable(_ name: String) throws -> String {
        let candidates =
            name.contains("/")
            ? [name] : ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].map { "\($0)/\(name)" }
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
            throw SupportError("no executable \(name)")
        }
        return found
    }

    /// For children that get no other: enough to find the system's programs.
    package static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
