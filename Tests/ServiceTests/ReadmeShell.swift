import Foundation
import TestSupport

/// Runs the README's commands, in a directory of their own, with the built executables in the path.
struct ReadmeShell {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("readme")
    }

    /// Runs lines to the first that fails.
    ///
    /// - Parameter root: in the package's directory instead.
    func run(_ lines: String, environment: [String: String] = [:], in root: String? = nil) throws -> ChildProcess.Output
    {
        let products = try (Locations.product("heartbeat-facade") as NSString).deletingLastPathComponent
        return try ChildProcess.run(
            "bash", ["-euo", "pipefail", "-c", "cd '\(root ?? directory.path)'\n\(lines)"],
            environment: ["PATH": "\(directory.path):\(products):\(Locations.path)"].merging(environment) { $1 })
    }

    /// The same, where the README has the default port.
    func call(
        _ lines: String, _ service: Service, environment: [String: String] = [:], in root: String? = nil
    ) throws -> ChildProcess.Output {
        guard lines.contains("localhost:8080") else { throw SupportError("nothing is called:\n\(lines)") }
        return try run(
            lines.replacing("localhost:8080", with: "localhost:\(service.process.port)"),
            environment: ["DATABASE_URL": service.database.connectionString].merging(environment) { $1 }, in: root)
    }

    /// Calls until it succeeds and `isGood`: a service may not have heard of a new key for a second.
    func call(
        _ lines: String, _ service: Service, in root: String? = nil, until isGood: (String) -> Bool
    ) throws -> String {
        var output = ""
        try service.process.wait(for: "an answer to the call", within: .seconds(60)) {
            let ran = try call(lines, service, in: root)
            guard ran.exit == .exited(0) else { throw SupportError(ran.standardError) }
            output = ran.standardOutput
            return isGood(output)
        }
        return output
    }

    /// Makes a command of its own that goes before the system's.
    func makeCommand(_ name: String, _ script: String) throws {
        let path = try directory.write("#!/bin/bash\nset -eu\n\(script)", to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
}
