extension PrivatePostgreSQL.Database {
    /// Makes the audit table as version 0.1 of the service did, which noted no version of the schema.
    /// - Parameter days: `YYYY-MM-DD`, each followed by the day after it.
    package func makeFirstAuditTable(days: [(from: String, to: String)]) throws {
        try query(
            """
            CREATE TABLE heartbeat_audit (
                id uuid NOT NULL, received_at timestamptz NOT NULL, request_id text NOT NULL, trace_id text,
                caller text, authentication text, client_address inet, task_token_sha256 bytea, details text,
                details_length int, outcome text NOT NULL, status smallint NOT NULL, cancel_requested boolean,
                fault text, upstream_request_id text, attempts smallint NOT NULL, duration_us int NOT NULL,
                relayed boolean NOT NULL, instance text NOT NULL,
                PRIMARY KEY (id, received_at)
            ) PARTITION BY RANGE (received_at);
            CREATE TABLE heartbeat_audit_default PARTITION OF heartbeat_audit DEFAULT
            """)
        for day in days { try makeFirstAuditPartition(from: day.from, to: day.to) }
    }

    /// Makes a day's partition as that version did.
    package func makeFirstAuditPartition(from: String, to: String) throws {
        let name = "heartbeat_audit_\(from.filter { $0 != "-" })"
        try query(
            """
            CREATE TABLE \(name) (LIKE heartbeat_audit INCLUDING ALL);
            ALTER TABLE heartbeat_audit ATTACH PARTITION \(name)
                FOR VALUES FROM (timestamptz '\(from) 00:00:00+00') TO (timestamptz '\(to) 00:00:00+00')
            """)
    }

    /// Makes a role that may do what the README has the service's role granted, and nothing else.
    package func makeServiceRole(_ role: String) throws {
        let blocks = try Readme.blocks("sql", below: "### The audit table").filter { $0.contains("TO heartbeat;") }
        guard let grants = blocks.first else { throw SupportError("the README grants nothing") }
        try query("CREATE ROLE \(role) LOGIN; \(grants.replacing("TO heartbeat;", with: "TO \(role);"))")
    }
}
