import Authentication
import EventLoop
import HTTP
import Heartbeat
import JSON
import Telemetry

/// API keys as commands print them.
enum KeyText {
    /// Prints a key that was just made: its only appearance.
    static func printOnce(_ key: APIKey, _ made: StoredKey, json: Bool) throws {
        if json { return printResult(object(made, secret: key, now: wallClockMicroseconds()).text) }
        let end = made.expiresAt.map { ", good until \(time($0))" } ?? ""
        printDiagnostic("The key of \(made.name)\(end), shown this once; its id is \(made.id):")
        printResult(key.secret)
    }

    static func json(_ key: StoredKey, now: Int64) -> String { object(key, now: now).text }

    private static func object(_ key: StoredKey, secret: APIKey? = nil, now: Int64) -> JSONObject {
        var object = JSONObject()
        object.add("id", key.id)
        object.add("name", key.name)
        object.add("key", secret?.secret)
        object.add("state", key.state(at: now).rawValue)
        object.add("createdAt", time(key.createdAt))
        object.add("expiresAt", key.expiresAt.map(time))
        object.add("revokedAt", key.revokedAt.map(time))
        object.add("lastUsedAt", key.lastUsedAt.map(time))
        object.add("scopes", json: array(Scope.allCases.filter(key.scopes.contains).map(\.rawValue)))
        object.add("rateLimit", key.rateLimit)
        object.add("networks", json: array(key.networks.map(\.description)))
        return object
    }

    private static func array(_ texts: [String]) -> String {
        "[" + texts.map(JSON.quoted).joined(separator: ",") + "]"
    }

    /// One row a key, under a heading.
    static func table(_ keys: [StoredKey], now: Int64) -> [String] {
        let heading = ["ID", "STATE", "CREATED", "EXPIRES", "LAST USED", "SCOPES", "RATE", "NETWORKS", "NAME"]
        let rows = [heading] + keys.map { cells($0, now: now) }
        let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).dropLast().map { cell, width in
                cell + String(repeating: " ", count: width - cell.count) + "  "
            }.joined() + (row.last ?? "")
        }
    }

    private static func cells(_ key: StoredKey, now: Int64) -> [String] {
        [
            key.id, key.state(at: now).rawValue, time(key.createdAt), key.expiresAt.map(time) ?? "never",
            key.lastUsedAt.map(time) ?? "-", key.scopesText, key.rateLimit ?? "-", networks(key), key.name,
        ]
    }

    static func lines(_ key: StoredKey, now: Int64) -> [String] {
        [
            "id: \(key.id)", "name: \(key.name)", "state: \(key.state(at: now).rawValue)",
            "created: \(time(key.createdAt))", "expires: \(key.expiresAt.map(time) ?? "never")",
            "revoked: \(key.revokedAt.map(time) ?? "-")", "last used: \(key.lastUsedAt.map(time) ?? "-")",
            "scopes: \(key.scopesText)", "rate limit: \(key.rateLimit ?? "-")", "networks: \(networks(key))",
        ]
    }

    private static func networks(_ key: StoredKey) -> String {
        key.networks.isEmpty ? "any" : key.networks.map(\.description).joined(separator: ",")
    }

    private static func time(_ microseconds: Int64) -> String {
        rfc3339(microsecondsSince1970: microseconds)
    }
}
