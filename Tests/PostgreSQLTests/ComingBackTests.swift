import EventLoop
import Foundation
import PostgreSQL
import TestSupport
import Testing

/// A connection that is kept, whatever happens to it.
private final class Kept {
    private let connection: PersistentConnection
    private let changed: Wakeup
    private let ended: Wakeup
    private(set) var rows: [[String?]] = []
    private(set) var interruptions: [PostgreSQLError] = []

    /// - Parameter sql: asked once on each connection.
    init(_ conninfo: String, on loop: EventLoop, asking sql: String = "SELECT pg_backend_pid()") {
        connection = PersistentConnection(conninfo, on: loop, provenAfter: .zero)
        changed = Wakeup(on: loop)
        ended = Wakeup(on: loop)
        loop.spawn {
            await self.connection.run(interrupted: self.interrupted) { connection throws(PostgreSQLError) in
                self.rows += try await connection.query(sql).rows
                self.changed.signal()
                let lost = Wakeup(on: loop)
                connection.onEnd = { lost.signal() }
                if connection.loss == nil { await lost.wait() }
                if let loss = connection.loss { throw loss }
            }
            self.ended.signal()
        }
    }

    private func interrupted(_ interruption: PersistentConnection.Interruption) {
        switch interruption {
        case .reconnecting(let error), .pausing(let error): interruptions.append(error)
        }
        changed.signal()
    }

    func wait(until isMet: (Kept) -> Bool) async {
        while !isMet(self) { await changed.wait() }
    }

    func stop() async {
        connection.stop()
        await ended.wait()
    }
}

@Suite(.timeLimit(.minutes(10)))
struct ComingBackTests {
    @Test func `a password file is read for each connection`() throws {
        let server = try PrivatePostgreSQL(access: ["host all all 127.0.0.1/32 scram-sha-256"])
        let directory = try TemporaryDirectory()
        @Sendable func write(_ password: String) throws {
            try directory.write("127.0.0.1:\(server.port):*:writer:\(password)\n", to: "passfile")
            chmod(directory.file("passfile"), 0o600)
        }
        try server.database.query("CREATE ROLE writer LOGIN PASSWORD 'one'")
        try write("one")
        let conninfo =
            "host=127.0.0.1 port=\(server.port) user=writer dbname=postgres passfile=\(directory.file("passfile"))"
        let states = try EventLoop.run { loop in
            let kept = Kept(conninfo, on: loop)
            await kept.wait { $0.rows.count == 1 }
            let backend = kept.rows[0][0] ?? ""
            try await blocking {
                try server.database.query("ALTER ROLE writer PASSWORD 'two'")
                try server.database.query("SELECT pg_terminate_backend(\(backend))")
            }
            // The old password is refused until the file has the new one.
            await kept.wait { $0.interruptions.count >= 2 }
            try write("two")
            await kept.wait { $0.rows.count == 2 }
            await kept.stop()
            return kept.interruptions
        }
        #expect(states.first?.sqlState == "57P01")
        #expect(states.dropFirst().allSatisfy { $0.message.contains("password authentication failed") })
    }

    @Test func `a server that has no room is waited for`() throws {
        let server = try PrivatePostgreSQL.shared()
        try server.database.query("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
        let conninfo = "host=127.0.0.1 port=\(server.port) user=crowded dbname=postgres"
        let refusals = try EventLoop.run { loop in
            let kept = Kept(conninfo, on: loop)
            await kept.wait { $0.interruptions.count >= 2 }
            _ = try await blocking { try server.database.query("ALTER ROLE crowded CONNECTION LIMIT -1") }
            await kept.wait { $0.rows.count == 1 }
            await kept.stop()
            return kept.interruptions
        }
        #expect(refusals.allSatisfy { $0.message.contains("too many connections") && $0.isConnectionLost })
    }

    @Test func `a name that is gone for a while is looked up again`() throws {
        let server = try PrivatePostgreSQL.shared()
        let proxy = try CuttingProxy(to: server.port)
        let name = "coming-back.test"
        NameResolution.set(addresses: ["127.0.0.1"], of: name)
        let conninfo = "host=\(name) port=\(proxy.port) user=postgres dbname=postgres"
        let failures = try EventLoop.run { loop in
            let kept = Kept(conninfo, on: loop)
            await kept.wait { $0.rows.count == 1 }
            NameResolution.remove(name)
            proxy.cut()
            await kept.wait { $0.interruptions.count >= 3 }
            NameResolution.set(addresses: ["127.0.0.1"], of: name)
            await kept.wait { $0.rows.count == 2 }
            await kept.stop()
            return kept.interruptions
        }
        #expect(failures.dropFirst().allSatisfy { $0.message.contains("could not translate host name") })
    }
}
