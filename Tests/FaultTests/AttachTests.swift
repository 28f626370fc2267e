import TestSupport
import Testing

extension FaultTests {
    /// PostgreSQL has given the row to the default partition, waits there until another one is attached, and then
    /// says that the row violates the default partition's constraint (SQLSTATE 23514), which holds no longer once it
    /// is sent again.
    @Test func `a row waits for the very lock under which its partition is attached`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        try database.migrate()
        let scene = try Scene(.with, database: database, .init(load: .init(connections: 0)))
        try database.takePartitionsAway()
        let attaching = try ChildProcess(
            Locations.executable("psql"),
            ["-XAtq", "-d", database.tcpConnectionString]
                + database.attachingTodayOnceAwaited(by: 2).flatMap { ["-c", $0] })
        try attaching.waitForLine(on: .standardOutput) { $0 == "attached" }
        // It waits in vain, goes to the spool, and from there waits again.
        try scene.sendOne()
        #expect(try attaching.waitForExit() == .exited(0), "\(attaching.standardError)")
        try scene.expectKept()
    }
}

extension Scene {
    /// Sends a heartbeat that is none of the driver's, and notes its answer.
    fileprivate func sendOne() throws {
        let id = Beat.id(prefix: Self.prefix, number: 0)
        var beat = Beat.forms(prefix: Self.prefix, detailsLength: 3)[0]
        let client = try instances[0].client()
        try client.send(beat.withBytes(number: 0) { Array($0) })
        let answer = try client.receive()
        #expect(answer.status == 200)
        driver.log.note(
            Answer(status: answer.status, outcome: Answer.recorded, cancelRequested: false, isLast: true), to: id)
    }
}

extension PrivatePostgreSQL.Database {
    /// Statements that make today's partition, say so, and commit once so many others wait for it.
    fileprivate func attachingTodayOnceAwaited(by others: Int) throws -> [String] {
        let name = try partition(0)
        let waiting = """
            SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
            WHERE NOT granted AND datname = current_database()
            """
        return try [
            "BEGIN",
            "CREATE TABLE \(name) (LIKE heartbeat_audit INCLUDING ALL)",
            "ALTER TABLE heartbeat_audit ATTACH PARTITION \(name) FOR VALUES FROM ('\(day(0))') TO ('\(day(1))')",
            "SELECT 'attached'",
            "DO $$ BEGIN WHILE (\(waiting)) < \(others) LOOP END LOOP; END $$",
            "COMMIT",
        ]
    }

    /// Its first moment.
    ///
    /// - Parameter days: from today on.
    private func day(_ days: Int) throws -> String {
        try query("SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '\(days) days'")[0][
            0]
    }
}
