import Foundation

/// PgBouncer in transaction mode before a server: a session is a client's for one transaction only.
package final class PgBouncer: Sendable {
    package let port: UInt16
    package let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Returns when it takes connections.
    ///
    /// - Parameter poolSize: the server's sessions that its clients share.
    package init(before server: PrivatePostgreSQL, poolSize: Int) throws {
        directory = try TemporaryDirectory("hbf-pool")
        port = try freePort()
        let users = try directory.write("\"postgres\" \"\"\n", to: "users")
        let file = try directory.write(
            """
            [databases]
            * = host=127.0.0.1 port=\(server.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = trust
            auth_file = \(users)
            pool_mode = transaction
            default_pool_size = \(poolSize)
            """, to: "pgbouncer.ini")
        // It refuses to run as root.
        let user: String? = getuid() == 0 ? "postgres" : nil
        if let user {
            let owned = try ChildProcess.run("chown", ["--recursive", user, directory.path])
            guard owned.exit == .exited(0) else { throw SupportError("chown: \(owned.standardError)") }
        }
        child = try ChildProcess("pgbouncer", [file], user: user)
        try child.waitForLine(on: .standardError) { $0.contains("process up") }
    }

    /// For libpq.
    package func connectionString(of database: PrivatePostgreSQL.Database) -> String {
        "host=127.0.0.1 port=\(port) user=postgres dbname=\(database.name)"
    }
}
