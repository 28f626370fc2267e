import Foundation

/// nginx or HAProxy before instances of the service, with a configuration that is shown.
package final class Proxy {
    package enum Kind: String, CaseIterable, Sendable {
        case nginx = "nginx"
        case haproxy = "HAProxy"
    }

    private static let adminSocket = "admin"

    package let port: UInt16
    private let kind: Kind
    private let instanceCount: Int
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Returns when it takes connections.
    ///
    /// - Parameter change: to the configuration.
    package init(
        _ kind: Kind, _ example: ProxyExample = .plain, before instances: [ServiceProcess],
        change: (String) throws -> String = { $0 }
    ) throws {
        self.kind = kind
        instanceCount = instances.count
        port = try freePort()
        directory = try TemporaryDirectory("hbf-proxy")
        let shown = try change(example.configuration(of: kind, port: port, instances: instances))
        switch kind {
        case .nginx:
            let path = directory.path
            let file = try directory.write(Self.nginxFile(shown, in: path), to: "nginx.conf")
            // TERM: it ends its workers, which a KILL would leave behind.
            child = try ChildProcess("nginx", ["-e", "stderr", "-p", path, "-c", file], deathSignal: "TERM")
        case .haproxy:
            // -db: it stays in the foreground, one process.
            let file = try directory.write(
                "global\n    stats socket \(directory.file(Self.adminSocket))\n\n\(shown)", to: "haproxy.cfg")
            child = try ChildProcess("haproxy", ["-db", "-f", file])
        }
        try awaitCondition("takes no connection") { (try? RawHTTPClient(port: port)) != nil }
    }

    /// The page shows what goes into the `http` block; around it, what lets anybody run it anywhere.
    private static func nginxFile(_ shown: String, in path: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(path)/\($0);" }.joined(separator: " ")
        return """
            daemon off; worker_processes 2; pid \(path)/nginx.pid; error_log stderr info;
            events { worker_connections 1024; }
            http { access_log off; \(temporary)
            \(shown)
            }
            """
    }

    /// What the proxy has said of instances that it could not use, a line each.
    package var complaints: [Substring] {
        child.standardError.split(separator: "\n").filter { $0.contains("[error]") || $0.contains("[ALERT]") }
    }

    /// Waits until the proxy counts on all instances: HAProxy may have found one away. nginx asks nobody.
    package func awaitInstances() throws {
        guard kind == .haproxy else { return }
        try awaitCondition("does not count on all instances") {
            // Who takes connections at the port may not have its socket yet.
            guard let client = try? RawHTTPClient(unixPath: directory.file(Self.adminSocket)) else { return false }
            try client.send("show servers state heartbeat\n")
            // The sixth column of a server's line: 2 is up (HAProxy's management guide, 9.3).
            let lines = String(decoding: try client.readToEnd(), as: UTF8.self).split(separator: "\n")
            let servers = lines.map { $0.split(separator: " ") }.filter { $0.count > 5 && $0[1] == "heartbeat" }
            return servers.count == instanceCount && servers.allSatisfy { $0[5] == "2" }
        }
    }

    /// Asks again whenever the proxy has written something, and now and then.
    private func awaitCondition(_ complaint: String, isMet: () throws -> Bool) throws {
        let last = ContinuousClock.now + ChildProcess.defaultDeadline
        while true {
            let mark = child.changeMark
            if try isMet() { return }
            guard child.exit == nil, .now < last else { throw child.failure(complaint) }
            child.waitForChange(since: mark, atMost: .milliseconds(50))
        }
    }
}

extension Proxy.Kind {
    /// Changes what is shown so that a call is sent once, and an idle connection let go before a drain delay is over.
    package func sendingOnce(_ shown: String) throws -> String {
        let changes: KeyValuePairs =
            switch self {
            case .nginx:
                ["error timeout non_idempotent": "error timeout", "keepalive_timeout 60s": "keepalive_timeout 1s"]
            case .haproxy:
                [
                    "retry-on conn-failure empty-response": "retry-on conn-failure",
                    "default-server": "default-server pool-purge-delay 1s",
                ]
            }
        return try changes.reduce(shown) { text, change in
            guard text.contains(change.key) else { throw SupportError("\(change.key) is not in\n\(shown)") }
            return text.replacingOccurrences(of: change.key, with: change.value)
        }
    }
}
