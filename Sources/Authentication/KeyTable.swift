package import PostgreSQL

/// The table of API keys, `heartbeat_api_keys`. Each statement is a transaction, so that it works behind any pooler,
/// and one that changes what a key is good for notifies all who listen on the channel of the same name.
package struct KeyTable {
    static let channel = "heartbeat_api_keys"
    /// Those that are good now: every service holds all of them in memory.
    package static let keysMax = 100_000
    private static let table = channel
    private static let notification = "pg_notify('\(channel)', '')"

    private let connection: Connection

    package init(on connection: Connection) {
        self.connection = connection
    }

    // MARK: For the command line

    /// What a key is to be good for.
    package struct Grant: Sendable {
        package let name: String
        /// From now on; nil: for ever.
        package let lifetime: Duration?
        package let scopes: String
        package let rateLimit: String?
        /// Networks with commas between them.
        package let networks: String

        /// - Parameters:
        ///   - scopes: their names with commas between them.
        ///   - rateLimit: as `RateLimit` reads it.
        ///   - networks: in CIDR notation, with commas between them.
        package init(name: String, lifetime: Duration?, scopes: String, rateLimit: String?, networks: String) {
            self.name = name
            self.lifetime = lifetime
            self.scopes = scopes
            self.rateLimit = rateLimit
            self.networks = networks
        }
    }

    package func create(_ key: APIKey, _ grant: Grant) async throws(PostgreSQLError) -> StoredKey? {
        try await keys(
            """
            WITH made AS (
                INSERT INTO \(Self.table) (id, name, sha256, expires_at, scopes, rate_limit, networks)
                VALUES (
                    $1, $2, decode($3, 'hex'), now() + $4::bigint * interval '1 second', string_to_array($5, ','), $6,
                    string_to_array($7, ',')::cidr[])
                RETURNING *
            )
            SELECT \(Self.allColumns), \(Self.notification) FROM made
            """,
            [
                key.identifier, grant.name, key.sha256Hex, grant.lifetime.map { String($0.components.seconds) },
                grant.scopes, grant.rateLimit, grant.networks,
            ]
        ).first
    }

    /// All keys, the oldest first.
    package func list() async throws(PostgreSQLError) -> [StoredKey] {
        try await keys("SELECT \(Self.allColumns) FROM \(Self.table) ORDER BY created_at, id")
    }

    /// - Returns: nil where there is no key of that id.
    package func key(_ id: String) async throws(PostgreSQLError) -> StoredKey? {
        try await keys("SELECT \(Self.allColumns) FROM \(Self.table) WHERE id = $1", [id]).first
    }

    /// - Returns: nil where there is no key of that id; else the key, revoked now or before.
    package func revoke(_ id: String) async throws(PostgreSQLError) -> StoredKey? {
        try await keys(
            """
            WITH changed AS (
                UPDATE \(Self.table) SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING *
            )
            SELECT \(Self.allColumns), \(Self.notification) FROM changed
            """, [id]
        ).first
    }

    /// Makes a key that is good for what another one is good for, and for as long from now on; the old one is good for
    /// `overlap` yet.
    /// - Returns: nil where there is no active key of that id.
    package func rotate(
        _ id: String, to key: APIKey, overlap: Duration
    ) async throws(PostgreSQLError) -> StoredKey? {
        try await keys(
            """
            WITH old AS (
                SELECT * FROM \(Self.table)
                WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
                FOR UPDATE
            ), ended AS (
                UPDATE \(Self.table) AS key SET
                    revoked_at = CASE WHEN $2::bigint = 0 THEN now() END,
                    expires_at = CASE WHEN $2::bigint = 0 THEN old.expires_at
                        ELSE least(old.expires_at, now() + $2::bigint * interval '1 second') END
                FROM old WHERE key.id = old.id
            ), made AS (
                INSERT INTO \(Self.table) (id, name, sha256, expires_at, scopes, rate_limit, networks)
                SELECT $3, name, decode($4, 'hex'), now() + (expires_at - created_at), scopes, rate_limit, networks
                FROM old
                RETURNING *
            )
            SELECT \(Self.allColumns), \(Self.notification) FROM made
            """, [id, String(overlap.components.seconds), key.identifier, key.sha256Hex]
        ).first
    }

    // MARK: For the service

    /// The keys that are good now, as rows for `StoredKey`.
    /// - Throws: also where there are more than `keysMax`.
    func goodKeys() async throws(PostgreSQLError) -> [[String?]] {
        let rows = try await connection.query(
            """
            SELECT \(Self.columns) FROM \(Self.table)
            WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
            ORDER BY id LIMIT \(Self.keysMax + 1)
            """
        ).rows
        if rows.count > Self.keysMax {
            throw PostgreSQLError(message: "there are more than \(Self.keysMax) keys", isConnectionLost: false)
        }
        return rows
    }

    /// Changes with whatever a key is good for.
    func fingerprint() async throws(PostgreSQLError) -> [[String?]] {
        try await connection.query(
            """
            SELECT count(*), sum(hashtextextended(
                concat_ws('|', id, name, sha256, created_at, expires_at, scopes, rate_limit, networks), 0))
            FROM \(Self.table) WHERE revoked_at IS NULL
            """
        ).rows
    }

    /// - Returns: whether notifications will come.
    func listen() async throws(PostgreSQLError) -> Bool {
        guard try await connection.hasOwnSession() else { return false }
        do throws(PostgreSQLError) {
            try await connection.query("LISTEN \(Self.channel)")
            return true
        } catch {
            // A standby refuses it.
            if error.isConnectionLost { throw error }
            return false
        }
    }

    /// Notes when keys were used last, where that is a while after what is noted already: other services do it too.
    /// - Parameter interval: that while.
    func note(_ uses: [(id: String, usedAt: Int64)], interval: Duration) async throws(PostgreSQLError) {
        try await connection.query(
            """
            UPDATE \(Self.table) AS key
            SET last_used_at = timestamptz 'epoch' + use.used_at * interval '1 microsecond'
            FROM unnest($1::text[], $2::bigint[]) AS use(id, used_at)
            WHERE key.id = use.id AND coalesce(
                key.last_used_at + $3::bigint * interval '1 microsecond'
                    <= timestamptz 'epoch' + use.used_at * interval '1 microsecond', true)
            """,
            parameters: [
                .text(Self.array(uses.map(\.id))), .text(Self.array(uses.map { String($0.usedAt) })),
                .text(String(Int64(interval / .microseconds(1)))),
            ])
    }

    // MARK: In SQL

    /// As `StoredKey` reads them.
    private static let columns = """
        id, name, encode(sha256, 'hex'), \(microseconds("created_at")), \(microseconds("expires_at")), \
        \(microseconds("revoked_at")), array_to_string(scopes, ','), rate_limit, array_to_string(networks, ',')
        """
    private static let allColumns = "\(columns), \(microseconds("last_used_at"))"

    private static func microseconds(_ column: String) -> String {
        "(extract(epoch FROM \(column)) * 1000000)::bigint"
    }

    /// - Parameter elements: without anything to be quoted.
    private static func array(_ elements: [String]) -> String {
        "{" + elements.joined(separator: ",") + "}"
    }

    private func keys(_ sql: String, _ parameters: [String?] = []) async throws(PostgreSQLError) -> [StoredKey] {
        try await connection.query(sql, parameters: parameters.map { .text($0) }).rows.compactMap(StoredKey.init)
    }
}
