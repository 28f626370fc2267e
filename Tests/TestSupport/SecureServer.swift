/// A PostgreSQL server that takes TLS only: with a password from everybody (SCRAM-SHA-256), but from `worker` with a
/// certificate of that name.
package final class SecureServer: Sendable {
    package static func shared() throws -> SecureServer {
        try sharedResult.get()
    }

    private static let sharedResult = Result { try SecureServer() }

    package static let password = "s3cret"

    package let authority: CertificateAuthority
    package let server: PrivatePostgreSQL

    private init() throws {
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
        try server.database.query(
            """
            CREATE ROLE worker LOGIN; CREATE ROLE writer LOGIN PASSWORD '\(Self.password)';
            GRANT ALL ON SCHEMA public TO writer
            """)
    }

    /// What lets `writer` in.
    ///
    /// - Parameter settings: what differs, by keyword.
    package func connectionString(_ settings: [String: String] = [:]) -> String {
        [
            "host": "localhost", "hostaddr": "127.0.0.1", "port": "\(server.port)", "dbname": "postgres",
            "user": "writer", "password": Self.password, "sslmode": "verify-full",
            "sslrootcert": authority.authority.certificate,
        ].merging(settings) { _, new in new }.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    }
}
