import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SecureDatabaseTests {
    @Test func `the service writes over verified TLS, with a password of a file`() throws {
        let secure = try SecureServer.shared()
        let directory = try TemporaryDirectory()
        let passfile = try directory.write("localhost:*:*:writer:\(SecureServer.password)\n", to: "passfile")
        let protect = try ChildProcess.run("chmod", ["600", passfile])
        #expect(protect.exit == .exited(0))
        let stage = try Stage(secure.connectionString(["password": "", "passfile": passfile]))
        #expect(try stage.heartbeat("beat").status == 200)
        #expect(try secure.server.database.auditRows() == ["beat": 1])
        let sessions = try secure.server.database.query(
            """
            SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = 'heartbeat-facade'
            """)
        #expect(sessions == [["t"]])
    }

    @Test func `a connection string in a file is read for each connection`() throws {
        let secure = try SecureServer.shared()
        let database = secure.server.database
        let directory = try TemporaryDirectory()
        let settings = ["user": "rotated", "dbname": "rotated"]
        func write(_ password: String) throws -> String {
            try directory.write(
                "\(secure.connectionString(settings.merging(["password": password]) { _, new in new }))\n", to: "url")
        }
        try database.query("CREATE ROLE rotated LOGIN PASSWORD 'one'")
        try database.query("CREATE DATABASE rotated OWNER rotated")
        let stage = try Stage(environment: [
            "DATABASE_URL_FILE": write("one"), "HEARTBEAT_EVENT_LOOPS": "1", "HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "30s",
        ])
        #expect(try stage.heartbeat("one").status == 200)
        try database.query("ALTER ROLE rotated PASSWORD 'two'")
        try database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotated'")
        try eventually("the old password is refused") {
            try stage.service.operations("/readyz").text.contains("password authentication failed")
        }
        _ = try write("two")
        try stage.service.wait(for: "/readyz", toAnswer: 200)
        #expect(try stage.heartbeat("two").status == 200)
    }

    @Test func `a server that cannot be trusted gets no row, and the log says why`() throws {
        let other = try CertificateAuthority("Other CA")
        let conninfo = try SecureServer.shared().connectionString(["sslrootcert": other.authority.certificate])
        let stage = try Stage(conninfo, patience: "100ms", awaiting: "/livez")
        try stage.service.wait(for: "/readyz", toAnswer: 503)
        #expect(try stage.heartbeat("untrusted").status == 503)
        try stage.service.child.waitForLine(on: .standardOutput) { $0.contains("certificate verify failed") }
        #expect(!stage.service.log.contains(SecureServer.password))
    }
}
