import Audit
import EventLoop
import PostgreSQL
import Synchronization
import TestSupport

@testable import Authentication

/// A keeper at work on a loop, and a connection beside it.
struct Keeping {
    let directory: KeyDirectory
    let keeper: KeyKeeper
    let loop: EventLoop
    private let connection: Connection
    private let log: Shared<[KeyKeeper.Event]>

    var events: [KeyKeeper.Event] { log.value }
    var table: KeyTable { KeyTable(on: connection) }

    /// Asks the server in between, so that the loop goes on.
    func until(_ isMet: () async throws -> Bool) async throws {
        while try await !isMet() { try await connection.query("SELECT 1") }
    }

    func query(_ sql: String) async throws -> [[String?]] {
        try await connection.query(sql).rows
    }

    /// A key that is new in the table.
    func made(
        _ name: String = "worker", lifetime: Duration? = nil, rateLimit: String? = nil, networks: String = ""
    ) async throws -> APIKey {
        let key = try APIKey.generate()
        _ = try await table.create(
            key,
            KeyTable.Grant(
                name: name, lifetime: lifetime, scopes: "heartbeat", rateLimit: rateLimit, networks: networks))
        return key
    }

    func knows(_ key: APIKey) -> Bool {
        (try? directory.caller(of: key.fingerprint, at: nil)) != nil
    }

    /// Runs `body` beside a keeper.
    /// - Parameters:
    ///   - database: migrated; nil: one of its own.
    ///   - conninfo: the keeper's; nil: straight to the database.
    static func run<Value: Sendable>(
        _ database: PrivatePostgreSQL.Database? = nil, conninfo: String? = nil, spoolDirectory: String? = nil,
        _ change: (inout KeyKeeper.Settings) -> Void = { _ in },
        _ body: @escaping @Sendable (Keeping) async throws -> Value
    ) throws -> Value {
        let database = try database ?? .migrated()
        var settings = KeyKeeper.Settings()
        // What is noticed is noticed by itself, unless a test says otherwise.
        settings.reloadInterval = .seconds(3600)
        change(&settings)
        return try EventLoop.run { [settings] loop in
            let log = Shared<[KeyKeeper.Event]>([])
            let directory = KeyDirectory()
            let keeper = KeyKeeper(
                directory, conninfo: conninfo ?? database.tcpConnectionString, spoolDirectory: spoolDirectory, on: loop,
                settings: settings
            ) { event in log.change { $0.append(event) } }
            let ended = Wakeup(on: loop)
            loop.spawn {
                await keeper.run()
                ended.signal()
            }
            let connection = try await Connection.open(database.tcpConnectionString, on: loop)
            let result: Result<Value, any Error>
            do {
                result = .success(
                    try await body(
                        Keeping(directory: directory, keeper: keeper, loop: loop, connection: connection, log: log)))
            } catch {
                result = .failure(error)
            }
            connection.close()
            await keeper.stop()
            await ended.wait()
            return try result.get()
        }
    }
}

/// A mutex that can be shared.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock(\.self) }

    func change(_ body: (inout Value) -> Void) {
        mutex.withLock { value in
            var copy = value
            body(&copy)
            value = copy
        }
    }
}

extension PrivatePostgreSQL.Database {
    /// Has all tables made.
    func migrate() throws {
        try EventLoop.run { [self] loop in
            let retention = Retention(now: wallClockMicroseconds(), retention: nil)
            _ = try await Migration(tcpConnectionString, on: loop).run(retention)
        }
    }

    static func migrated() throws -> PrivatePostgreSQL.Database {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        try database.migrate()
        return database
    }
}
