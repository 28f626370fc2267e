import Foundation

/// The interpreter with the packages that tests compare with.
package enum Python {
    /// - Throws: where it is not installed.
    package static func interpreter() throws -> String {
        let path = "\(Locations.packageRoot)/.venv/bin/python"
        guard access(path, X_OK) == 0 else { throw SupportError("\(path) is missing: run make deps") }
        return path
    }

    /// Runs a program text to its end.
    ///
    /// - Returns: its standard output.
    /// - Throws: where it fails, with its standard error.
    @discardableResult
    package static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> String {
        let output = try ChildProcess.run(
            interpreter(), ["-c", program] + arguments,
            environment: environment.merging(["PATH": Locations.path, "PYTHONUTF8": "1"]) { given, _ in given })
        guard output.exit == .exited(0) else { throw SupportError("python: \(output.standardError)") }
        return output.standardOutput
    }
}

/// Moto's stand-in for AWS, started empty.
package final class MotoServer: Sendable {
    package let port: UInt16
    package let child: ChildProcess

    package init() throws {
        child = try ChildProcess(
            Python.interpreter(), ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            environment: ["PATH": Locations.path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"])
        // Port 0 lets the kernel choose; the line is written when the socket listens.
        let marker = "Running on http://127.0.0.1:"
        let line = try child.waitForLine(on: .standardError) { $0.contains(marker) }
        let digits = line.components(separatedBy: marker).last?.prefix { $0.isNumber }
        guard let port = digits.flatMap({ UInt16($0) }) else { throw child.failure("names no port") }
        self.port = port
    }

    package var url: String { "http://127.0.0.1:\(port)" }
}
