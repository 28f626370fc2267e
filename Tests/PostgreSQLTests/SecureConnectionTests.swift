import EventLoop
import PostgreSQL
import TestSupport
import Testing

/// A server that takes TLS only: with a password, or with a certificate from the user that is named after one.
private final class SecureServer: Sendable {
    static let password = "s3cret"

    let authority: CertificateAuthority
    let server: PrivatePostgreSQL

    init() throws {
        authority = try CertificateAuthority()
        let pair = try authority.issue("/CN=db.example", names: "DNS:localhost")
        server = try PrivatePostgreSQL(
            settings: [
                "ssl": "on", "ssl_cert_file": "server.pem", "ssl_key_file": "server.key", "ssl_ca_file": "ca.pem",
            ],
            access: ["hostssl all worker 127.0.0.1/32 cert", "hostssl all all 127.0.0.1/32 scram-sha-256"],
            files: [
                "server.pem": pair.certificate, "server.key": pair.key, "ca.pem": authority.authority.certificate,
            ])
        try server.database.query("CREATE ROLE worker LOGIN; CREATE ROLE writer LOGIN PASSWORD '\(Self.password)'")
    }

    /// - Parameter settings: what differs, by keyword.
    func conninfo(_ settings: [String: String] = [:]) -> String {
        [
            "host": "localhost", "hostaddr": "127.0.0.1", "port": "\(server.port)", "dbname": "postgres",
            "user": "writer", "password": Self.password, "sslmode": "verify-full",
            "sslrootcert": authority.authority.certificate,
        ].merging(settings) { _, new in new }.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    }

    static let shared = Result { try SecureServer() }
}

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
        let secure = try SecureServer.shared.get()
        #expect(try connect(secure.conninfo()) == .success(["writer", "TLSv1.3"]))
    }

    @Test func `a client certificate stands for its user`() throws {
        let secure = try SecureServer.shared.get()
        let pair = try secure.authority.issue("/CN=worker")
        let conninfo = secure.conninfo(["user": "worker", "sslcert": pair.certificate, "sslkey": pair.key])
        #expect(try connect(conninfo) == .success(["worker", "TLSv1.3"]))
    }

    @Test func `another authority's server is not trusted`() throws {
        let other = try CertificateAuthority("Other CA")
        let conninfo = try SecureServer.shared.get().conninfo(["sslrootcert": other.authority.certificate])
        #expect(try message(of: conninfo).contains("certificate verify failed"))
    }

    @Test func `a server of another name is not trusted`() throws {
        let conninfo = try SecureServer.shared.get().conninfo(["host": "elsewhere.test"])
        #expect(try message(of: conninfo).contains("does not match host name \"elsewhere.test\""))
    }

    @Test func `a wrong password is refused and not told`() throws {
        let conninfo = try SecureServer.shared.get().conninfo(["password": "wr0ng"])
        let message = try message(of: conninfo)
        #expect(message.contains("password authentication failed for user \"writer\""))
        #expect(!message.contains("wr0ng"))
    }

    @Test func `a user's certificate is not another's`() throws {
        let secure = try SecureServer.shared.get()
        let pair = try secure.authority.issue("/CN=somebody")
        let conninfo = secure.conninfo(["user": "worker", "sslcert": pair.certificate, "sslkey": pair.key])
        #expect(try message(of: conninfo).contains("certificate authentication failed for user \"worker\""))
    }

    private func message(of conninfo: String) throws -> String {
        switch try connect(conninfo) {
        case .success: throw NoFailure()
        case .failure(let error): error.message
        }
    }
}
