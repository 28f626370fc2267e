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

    @Test func `a server that cannot be trusted gets no row, and the log says why`() throws {
        let other = try CertificateAuthority("Other CA")
        let conninfo = try SecureServer.shared().connectionString(["sslrootcert": other.authority.certificate])
        let stage = try Stage(conninfo, patience: "100ms", awaiting: "/livez")
        try stage.service.wait(for: "/readyz", toAnswer: 503)
        #expect(try stage.heartbeat("untrusted").status == 503)
        #expect(stage.service.log.contains("certificate verify failed"))
        #expect(!stage.service.log.contains(SecureServer.password))
    }
}
