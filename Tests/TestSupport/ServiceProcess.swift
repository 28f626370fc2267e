import Foundation

/// `heartbeat-facade serve` as a process.
package final class ServiceProcess: Sendable {
    /// Of the API's and the operations listener; 0 where the environment given has a listener that is not
    /// `127.0.0.1:PORT`.
    package let port: UInt16
    package let operationsPort: UInt16
    package let child: ChildProcess

    /// Starts it and returns when `path` of the operations listener answers 200.
    ///
    /// - Parameters:
    ///   - environment: all it gets beside `PATH` and, unless they are given, two listeners on free ports.
    ///   - launcher: a command that becomes the one that follows it.
    ///   - path: nil: returns at once.
    package init(
        environment: [String: String], arguments: [String] = [], launcher: [String] = [],
        awaiting path: String? = "/readyz", within deadline: Duration = ChildProcess.defaultDeadline
    ) throws {
        var all = environment
        all["PATH"] = all["PATH"] ?? Locations.path
        port = try Self.listener("HEARTBEAT_LISTEN", in: &all)
        operationsPort = try Self.listener("HEARTBEAT_OPERATIONS_LISTEN", in: &all)
        let command = try launcher + [Locations.product("heartbeat-facade"), "serve"] + arguments
        child = try ChildProcess(command[0], Array(command.dropFirst()), environment: all)
        if let path {
            try wait(for: path, toAnswer: 200, within: deadline)
        }
    }

    private static func listener(_ name: String, in environment: inout [String: String]) throws -> UInt16 {
        guard let given = environment[name] else {
            let port = try freePort()
            environment[name] = "127.0.0.1:\(port)"
            return port
        }
        let prefix = "127.0.0.1:"
        return given.hasPrefix(prefix) ? UInt16(given.dropFirst(prefix.count)) ?? 0 : 0
    }

    /// A new connection to the API.
    package func client() throws -> RawHTTPClient {
        try RawHTTPClient(port: port)
    }

    /// Sends a heartbeat over TLS, with curl.
    ///
    /// - Returns: the answer, with its head.
    package func heartbeatOverTLS(
        _ token: String, key: String, trusting authority: CertificateAuthority
    ) throws -> String {
        let output = try ChildProcess.run(
            "curl",
            [
                "-sSi", "--cacert", authority.authority.certificate, "-H", "Authorization: Bearer \(key)", "-X", "POST",
                "https://localhost:\(port)/tasks/\(token)/heartbeat",
            ])
        guard output.exit == .exited(0) else { throw SupportError("curl: \(output.standardError)") }
        return output.standardOutput
    }

    /// Asks the operations listener once, on a connection of its own.
    package func operations(_ path: String) throws -> HTTPResponse {
        try RawHTTPClient(port: operationsPort).get(path, headers: [("Connection", "close")])
    }

    /// Asks the operations listener whenever the service has logged something, and now and then, until it answers so.
    package func wait(
        for path: String, toAnswer status: Int, within deadline: Duration = ChildProcess.defaultDeadline
    ) throws {
        try wait(for: "\(status) from \(path)", within: deadline) {
            // Until it listens the connection is refused.
            (try? operations(path).status) == status
        }
    }

    /// Asks whenever the service has logged something, and now and then.
    package func wait(
        for what: String, within deadline: Duration = ChildProcess.defaultDeadline, until isMet: () throws -> Bool
    ) throws {
        let last = ContinuousClock.now + deadline
        while true {
            let mark = child.changeMark
            if try isMet() { return }
            guard child.exit == nil else { throw child.failure("ended before \(what)") }
            guard .now < last else { throw child.failure("gave no \(what) within \(deadline)") }
            child.waitForChange(since: mark, atMost: .milliseconds(50))
        }
    }

    /// Sends SIGTERM and waits for the end.
    @discardableResult
    package func terminate(within deadline: Duration = ChildProcess.defaultDeadline) throws -> ChildProcess.Exit {
        child.signal(SIGTERM)
        return try child.waitForExit(within: deadline)
    }

    /// What it wrote so far, to both streams.
    package var log: String { child.standardOutput + child.standardError }
}

/// `heartbeat-facade` with any other sub-command, run to its end.
package func runFacade(
    _ arguments: [String], environment: [String: String] = [:]
) throws -> ChildProcess.Output {
    try ChildProcess.run(
        Locations.product("heartbeat-facade"), arguments,
        environment: environment.merging(["PATH": Locations.path]) { given, _ in given })
}
