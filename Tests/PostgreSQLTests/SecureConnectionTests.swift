import EventLoop
import PostgreSQL
import TestSupport
import Testing

/// Who is connected how, or why nobody is.
private func connect(_ conninfo: String) throws -> Result<[String?], PostgreSQLError> {
    try EventLoop.run { loop in
        do throws(PostgreSQLError) {
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            let sql = "SELECT session_user, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            return .success(try await connection.query(sql).rows.flatMap(\.self))
        } catch {
            return .failure(error)
        }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct SecureConnectionTests {
    @Test func `the right authority, host name and password are let in`() throws {
        let secure = try SecureServer.shared()
        #expect(try connect(secure.connectionString()) == .success(["writer", "TLSv1.3"]))
    }

    @Test func `a client certificate stands for its user`() throws {
        let secure = try SecureServer.shared()
        let pair = try secure.authority.issue("/CN=worker")
        let conninfo = secure.connectionString(["user": "worker", "sslcert": pair.certificate, "sslkey": pair.key])
        #expect(try connect(conninfo) == .success(["worker", "TLSv1.3"]))
    }

    @Test func `another authority's server is not trusted`() throws {
        let other = try CertificateAuthority("Other CA")
        let conninfo = try SecureServer.shared().connectionString(["sslrootcert": other.authority.certificate])
        #expect(try message(of: conninfo).contains("certificate verify failed"))
    }

    @Test func `a server of another name is not trusted`() throws {
        let conninfo = try SecureServer.shared().connectionString(["host": "elsewhere.test"])
        #expect(try message(of: conninfo).contains("does not match host name \"elsewhere.test\""))
    }

    @Test func `a wrong password is refused and not told`() throws {
        let conninfo = try SecureServer.shared().connectionString(["password": "wr0ng"])
        let message = try message(of: conninfo)
        #expect(message.contains("password authentication failed for user \"writer\""))
        #expect(!message.contains("wr0ng"))
    }

    @Test func `a user's certificate is not another's`() throws {
        let secure = try SecureServer.shared()
        let pair = try secure.authority.issue("/CN=somebody")
        let conninfo = secure.connectionString(["user": "worker", "sslcert": pair.certificate, "sslkey": pair.key])
        #expect(try message(of: conninfo).contains("certificate authentication failed for user \"worker\""))
    }

    private func message(of conninfo: String) throws -> String {
        switch try connect(conninfo) {
        case .success: throw NoFailure()
        case .failure(let error): error.message
        }
    }
}
