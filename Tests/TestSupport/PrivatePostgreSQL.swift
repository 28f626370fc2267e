import Foundation
import Synchronization

/// A PostgreSQL server of the tests' own: a cluster in a temporary directory that listens on a Unix socket and on a
/// port of 127.0.0.1, trusts everybody, and is gone with the test process.
///
/// It keeps its data without `fsync`: a killed server loses nothing, a crashed machine would.
package final class PrivatePostgreSQL: Sendable {
    /// Where `query` met NULL.
    package static let null = "\u{2400}"

    /// The one server that tests share which do not stop it; each takes a database of its own from it.
    package static func shared() throws -> PrivatePostgreSQL {
        try sharedResult.get()
    }

    private static let sharedResult = Result { try PrivatePostgreSQL() }

    package let port: UInt16
    private let settings: [String: String]
    private let directory: TemporaryDirectory
    /// PostgreSQL refuses to run as root.
    private static let user: String? = getuid() == 0 ? "postgres" : nil
    /// Where its programs are.
    private static let binaries = Result {
        let found = try ChildProcess.run("pg_config", ["--bindir"])
        guard found.exit == .exited(0) else { throw SupportError("pg_config --bindir: \(found.standardError)") }
        return found.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private let server = Mutex<ChildProcess?>(nil)
    private let teardownKey = Mutex<Int?>(nil)
    private let databasesMade = Atomic<Int>(0)

    /// - Parameters:
    ///   - settings: of `postgresql.conf`, beside the tests' own.
    ///   - access: the lines of `pg_hba.conf` for TCP; empty: everybody is trusted.
    ///   - files: are copied into the data directory, the server's own and nobody else's to read: path by name.
    package convenience init(
        settings: [String: String] = [:], access: [String] = [], files: [String: String] = [:]
    ) throws {
        try self.init(settings) { try $0.makeCluster(access, files) }
    }

    /// A standby that streams from another server.
    ///
    /// - Parameter name: by which the primary's `synchronous_standby_names` means it.
    package convenience init(standbyOf primary: PrivatePostgreSQL, named name: String) throws {
        try self.init([:]) { standby in
            try standby.run(
                "pg_basebackup",
                [
                    "--pgdata", standby.directory.file("data"), "--write-recovery-conf", "--checkpoint", "fast",
                    "--no-sync", "--dbname", "\(primary.database.connectionString) application_name=\(name)",
                ])
        }
    }

    private init(_ settings: [String: String], make: (PrivatePostgreSQL) throws -> Void) throws {
        self.settings = settings
        directory = try TemporaryDirectory("hbf-pg")
        port = try freePort()
        if let user = Self.user { try Self.run("chown", [user, directory.path]) }
        try make(self)
        try start()
        let key = Teardown.add { [weak self] in self?.kill9() }
        teardownKey.withLock { $0 = key }
    }

    deinit {
        if let key = teardownKey.withLock({ $0 }) {
            Teardown.remove(key)
        }
        kill9()
    }

    /// What initdb(1) makes takes a second of a processor to make, and a twentieth to copy.
    private static let emptyCluster = Result {
        let directory = try TemporaryDirectory("hbf-initdb")
        if let user { try run("chown", [user, directory.path]) }
        try run(
            "\(binaries.get())/initdb",
            [
                "--pgdata", directory.file("data"), "--auth", "trust", "--username", "postgres", "--encoding", "UTF8",
                "--no-locale", "--no-sync", "--no-instructions",
            ], user: user)
        return directory
    }

    private func makeCluster(_ access: [String], _ files: [String: String]) throws {
        try Self.run("cp", ["--archive", Self.emptyCluster.get().file("data"), directory.file("data")])
        for (name, path) in files {
            let copy = directory.file("data/\(name)")
            try Self.run("install", ["--mode", "600"] + (Self.user.map { ["--owner", $0] } ?? []) + [path, copy])
        }
        guard !access.isEmpty else { return }
        try directory.write("local all all trust\n" + access.joined(separator: "\n") + "\n", to: "data/pg_hba.conf")
    }

    /// Runs a program of PostgreSQL's as the server's user.
    private func run(_ program: String, _ arguments: [String]) throws {
        try Self.run("\(Self.binaries.get())/\(program)", arguments, user: Self.user)
    }

    private static func run(_ program: String, _ arguments: [String], user: String? = nil) throws {
        let output = try ChildProcess.run(program, arguments, user: user)
        guard output.exit == .exited(0) else { throw SupportError("\(program): \(output.standardError)") }
    }

    // MARK: Its life

    /// Starts it, again where it was stopped, and returns when it accepts connections.
    package func start() throws {
        try server.withLock { server in
            guard server == nil else { return }
            let child = try ChildProcess(
                "\(Self.binaries.get())/postgres",
                [
                    "-D", directory.file("data"), "-k", directory.path, "-h", "127.0.0.1", "-p", String(port),
                    "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200",
                ] + settings.flatMap { ["-c", "\($0.key)=\($0.value)"] },
                // SIGQUIT: at once, and its children with it.
                user: Self.user, deathSignal: "QUIT")
            try child.waitForLine(on: .standardError) { $0.contains("database system is ready to accept") }
            server = child
        }
    }

    /// Ends every connection and stops in an orderly way.
    package func stop() throws {
        try end { $0.signal(SIGINT) }
    }

    /// Ends every connection and itself at once; it will have to recover.
    package func stopImmediately() throws {
        try end { $0.signal(SIGQUIT) }
    }

    /// Kills all its processes.
    package func kill9() {
        try? end { child in
            // The server first stopped, so that it starts no new ones meanwhile.
            child.signal(SIGSTOP)
            let children = processes(withParent: child.pid)
            child.signal(SIGKILL)
            children.forEach { kill($0, SIGKILL) }
        }
    }

    private func end(_ action: (ChildProcess) -> Void) throws {
        try server.withLock { server in
            guard let child = server else { return }
            action(child)
            try child.waitForExit()
            server = nil
        }
    }

    /// Freezes all its processes: connections stay open and nothing answers, as when a network is cut.
    package func pause() {
        server.withLock { server in
            guard let server else { return }
            server.signal(SIGSTOP)
            processes(withParent: server.pid).forEach { kill($0, SIGSTOP) }
        }
    }

    package func resume() {
        server.withLock { server in
            guard let server else { return }
            processes(withParent: server.pid).forEach { kill($0, SIGCONT) }
            server.signal(SIGCONT)
        }
    }

    /// Makes a standby a server that can be written to.
    package func promote() throws {
        try database.query("SELECT pg_promote()")
    }

    /// What it logged since its last start.
    package var log: String {
        server.withLock { $0?.standardError ?? "" }
    }

    // MARK: Databases

    /// An empty database, never the same twice.
    package func createDatabase() throws -> Database {
        let number = databasesMade.add(1, ordering: .relaxed).newValue
        let database = Database(server: self, name: "test_\(number)")
        try self.database.query("CREATE DATABASE \(database.name)")
        return database
    }

    /// The cluster's own database.
    package var database: Database { Database(server: self, name: "postgres") }

    /// One database of the server.
    package struct Database: Sendable {
        package let server: PrivatePostgreSQL
        package let name: String

        /// For libpq, over the Unix socket.
        package var connectionString: String { "host=\(server.directory.path) port=\(server.port) \(common)" }

        /// For libpq, over TCP.
        package var tcpConnectionString: String { tcpConnectionString(port: server.port) }

        /// For libpq, over TCP by way of a proxy.
        package func tcpConnectionString(port: UInt16) -> String { "host=127.0.0.1 port=\(port) \(common)" }

        private var common: String { "user=postgres dbname=\(name)" }

        /// Runs one statement in a connection of its own.
        ///
        /// - Returns: the rows as text, NULL as `PrivatePostgreSQL.null`.
        @discardableResult
        package func query(_ statement: String) throws -> [[String]] {
            try session([statement])
        }

        /// Runs statements, and `psql`'s own commands, one after the other in a connection of its own.
        ///
        /// - Returns: the rows of the one among them that gives any.
        @discardableResult
        package func session(_ statements: [String]) throws -> [[String]] {
            let (field, record): (Character, Character) = ("\u{1F}", "\u{1E}")
            let output = try ChildProcess.run(
                "\(PrivatePostgreSQL.binaries.get())/psql",
                [
                    "-XAtq", "-v", "ON_ERROR_STOP=1", "-P", "null=\(PrivatePostgreSQL.null)", "-F", String(field),
                    "-R", String(record), "-d", connectionString,
                ] + statements.flatMap { ["-c", $0] })
            guard output.exit == .exited(0) else {
                throw SupportError("\(statements.joined(separator: "; ")): \(output.standardError)")
            }
            guard !output.standardOutput.isEmpty else { return [] }
            return output.standardOutput.dropLast().split(separator: record, omittingEmptySubsequences: false)
                .map { $0.split(separator: field, omittingEmptySubsequences: false).map(String.init) }
        }
    }
}

/// The direct children of a process.
private func processes(withParent parent: pid_t) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { pid in
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return false }
        return status.split(separator: "\n").contains("PPid:\t\(parent)")
    }
}
