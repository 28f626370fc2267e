/// The table of API keys in SQL. `Authentication` reads and writes it; here it is only made, with all the others.
enum APIKeysTable {
    static let create = """
        CREATE TABLE heartbeat_api_keys (
            id text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[0-9A-Za-z]{8}$'),
            name text COLLATE "C" NOT NULL CHECK (name ~ '^[!-9;-~]{1,128}$'),
            sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
            created_at timestamptz NOT NULL DEFAULT now() CHECK (isfinite(created_at)),
            expires_at timestamptz CHECK (isfinite(expires_at)),
            revoked_at timestamptz CHECK (isfinite(revoked_at)),
            last_used_at timestamptz CHECK (isfinite(last_used_at)),
            scopes text[] NOT NULL DEFAULT '{heartbeat}',
            rate_limit text CHECK (rate_limit ~ '^[0-9]{1,7}/s(:[0-9]{1,7})?$'),
            networks cidr[] NOT NULL DEFAULT '{}'
        )
        """
}
