import Foundation
import TestSupport

/// The files that say how the service is deployed, and what looks them over.
enum Deployment {
    static let directory = "\(Locations.packageRoot)/docker"

    /// Runs a Python script of this folder.
    ///
    /// - Returns: what it prints, a line each.
    static func ask(_ script: String, _ arguments: [String]) throws -> [String] {
        let output = try ChildProcess.run(
            Python.interpreter(), ["\(Locations.packageRoot)/Tests/DeploymentTests/\(script)"] + arguments,
            environment: ["PATH": Locations.path, "PYTHONUTF8": "1"])
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        return output.standardOutput.split(separator: "\n").map(String.init)
    }

    static func json(_ file: String) throws -> [String: Any] {
        let text = file.hasSuffix(".json") ? try text(file) : try ask("documents.py", ["json", file]).joined()
        guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw SupportError("\(file) is no object")
        }
        return object
    }

    static func text(_ file: String) throws -> String {
        try String(contentsOfFile: file, encoding: .utf8)
    }

    /// What the service says to the settings, but for where its files and its database are; nil: nothing.
    static func complaint(about environment: [String: String]) throws -> String? {
        let directory = try TemporaryDirectory()
        var environment = environment
        environment["DATABASE_URL_FILE"] = nil
        environment["DATABASE_URL"] = "postgresql://localhost/none"
        environment["HEARTBEAT_SPOOL_DIRECTORY"] = directory.file("spool")
        environment["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE"
        environment["AWS_SECRET_ACCESS_KEY"] = "example"
        let output = try runFacade(["check"], environment: environment)
        return output.exit == .exited(0) && output.standardError.isEmpty
            ? nil : "\(output.exit) \(output.standardError) \(output.standardOutput)"
    }
}
