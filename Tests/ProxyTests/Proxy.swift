import TestSupport
import Testing

/// nginx or HAProxy before a cluster, with a configuration that is shown.
final class Proxy {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case nginx = "nginx"
        case haproxy = "HAProxy"

        var testDescription: String { rawValue }
    }

    private static let adminSocket = "admin"

    let kind: Kind
    let port: UInt16
    let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Returns when it takes connections.
    ///
    /// - Parameter change: to the configuration.
    init(
        _ kind: Kind, _ readme: README = .plain, before cluster: Cluster, change: (String) -> String = { $0 }
    ) throws {
        self.kind = kind
        port = try freePort()
        directory = try TemporaryDirectory("hbf-proxy")
        let shown = try change(readme.configuration(of: kind, port: port, instances: cluster.instances))
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

    /// The README shows what goes into the `http` block; around it, what lets anybody run it anywhere.
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

    /// Waits until the proxy counts on both instances: HAProxy may have found one away. nginx asks nobody.
    func awaitInstances() throws {
        guard kind == .haproxy else { return }
        try awaitCondition("does not count on both instances") {
            // Who takes connections at the port may not have its socket yet.
            guard let client = try? RawHTTPClient(unixPath: directory.file(Self.adminSocket)) else { return false }
            try client.send("show servers state heartbeat\n")
            // The sixth column of a server's line: 2 is up (HAProxy's management guide, 9.3).
            let lines = String(decoding: try client.readToEnd(), as: UTF8.self).split(separator: "\n")
            let servers = lines.map { $0.split(separator: " ") }.filter { $0.count > 5 && $0[1] == "heartbeat" }
            return servers.count == 2 && servers.allSatisfy { $0[5] == "2" }
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
