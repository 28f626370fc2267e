import TestSupport
import Testing

extension FaultTests {
    @Test(arguments: Scene.Spooling.ofLongForm)
    func `PostgreSQL fails over to a synchronous standby`(spooling: Scene.Spooling) throws {
        for _ in 0..<Scale.rounds(short: 1, long: 10) {
            // Each commit waits for the standby, from the first one on.
            let primary = try PrivatePostgreSQL(settings: ["synchronous_standby_names": "*"])
            let standby = try PrivatePostgreSQL(standbyOf: primary, named: "standby")
            let scene = try Scene(spooling, database: primary.database, url: primary.failOverString(to: standby))
            try scene.driver.wait(for: Scale.answers, more: .promised)
            // What the primary commits now goes with it.
            standby.pause()
            try scene.waitWhileAway()
            primary.kill9()
            standby.resume()
            try standby.promote()
            try scene.driver.wait(for: Scale.answers, more: .promised)
            try scene.expectKept(in: standby.database)
        }
    }

    @Test(arguments: Scene.Spooling.ofLongForm)
    func `migrations run under load`(spooling: Scene.Spooling) throws {
        // Each migration brings all rows home that there are: with one database for all rounds they would take ever
        // longer.
        for _ in 0..<Scale.rounds(short: 1, long: 20) {
            let database = try PrivatePostgreSQL.shared().createDatabase()
            try database.migrate()
            let scene = try Scene(spooling, database: database)
            for _ in 0..<Scale.rounds(short: 3, long: 5) {
                try scene.driver.wait(for: Scale.few, more: .promised)
                try database.takePartitionsAway()
                try scene.driver.wait(for: Scale.few, more: .promised)
                try Self.migrateTwiceAtOnce(database)
            }
            try scene.driver.wait(for: Scale.few, more: .promised)
            #expect(try database.query("SELECT count(*) FROM heartbeat_audit_default") == [["0"]])
            try scene.expectKept()
        }
    }

    private static func migrateTwiceAtOnce(_ database: PrivatePostgreSQL.Database) throws {
        let both = try (0..<2).map { _ in
            try ChildProcess(
                Locations.product("heartbeat-facade"), ["migrate"],
                environment: ["PATH": Locations.path, "DATABASE_URL": database.tcpConnectionString])
        }
        for one in both {
            let exit = try one.waitForExit()
            #expect(exit == .exited(0), "\(one.standardError)")
        }
    }

    @Test(arguments: Scene.Spooling.ofLongForm)
    func `a partition's last moment passes`(spooling: Scene.Spooling) throws {
        for _ in 0..<Scale.rounds(short: 1, long: 10) {
            let database = try PrivatePostgreSQL.shared().createDatabase()
            try database.migrate()
            let scene = try Scene(spooling, database: database)
            try scene.driver.wait(for: Scale.few, more: .promised)
            try database.endDay(inSeconds: 1)
            var isOver = false
            while !isOver {
                try scene.driver.wait(for: Scale.few, more: .promised)
                isOver = try database.query("SELECT EXISTS (SELECT FROM \(database.partition(1)))") == [["t"]]
            }
            // The oldest day goes, as after its retention.
            try database.query("ALTER TABLE heartbeat_audit DETACH PARTITION \(database.partition(-1))")
            try database.query("DROP TABLE \(database.partition(-1))")
            try scene.driver.wait(for: Scale.few, more: .promised)
            let others = try database.query(
                "SELECT count(*) FROM heartbeat_audit WHERE tableoid NOT IN "
                    + "('\(database.partition(0))'::regclass, '\(database.partition(1))'::regclass)")
            #expect(others == [["0"]])
            try scene.expectKept()
        }
    }
}

extension PrivatePostgreSQL.Database {
    /// A day's partition.
    ///
    /// - Parameter days: from today on.
    func partition(_ days: Int) throws -> String {
        let name =
            "SELECT 'heartbeat_audit_' || to_char(now() AT TIME ZONE 'UTC' + interval '\(days) days', 'YYYYMMDD')"
        return try query(name)[0][0]
    }

    /// Makes the table: a service with a spool is ready without it.
    func migrate() throws {
        let migrated = try runFacade(["migrate"], environment: ["DATABASE_URL": tcpConnectionString])
        #expect(migrated.exit == .exited(0), "\(migrated.standardError)")
    }

    /// As if nobody had made them: the rows lie in the default partition.
    func takePartitionsAway() throws {
        let partitions = try query(
            "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'heartbeat_audit'::regclass "
                + "AND inhrelid <> 'heartbeat_audit_default'::regclass"
        ).map { $0[0] }
        try query(
            "BEGIN; "
                + partitions.map {
                    "ALTER TABLE heartbeat_audit DETACH PARTITION \($0); "
                        + "INSERT INTO heartbeat_audit_default SELECT * FROM \($0); DROP TABLE \($0); "
                }.joined() + "COMMIT")
    }

    /// Moves the moment at which today's partition ends and tomorrow's begins.
    fileprivate func endDay(inSeconds seconds: Int) throws {
        let (today, tomorrow) = (try partition(0), try partition(1))
        func bounds(_ name: String) throws -> [String] {
            let text = try query(
                "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = '\(name)'::regclass")[0][0]
            // FOR VALUES FROM ('…') TO ('…')
            return text.split(separator: "'").map(String.init)
        }
        let moment = try query("SELECT now() + interval '\(seconds) seconds'")[0][0]
        let (first, last) = (try bounds(today)[1], try bounds(tomorrow)[3])
        try query(
            """
            BEGIN;
            ALTER TABLE heartbeat_audit DETACH PARTITION \(today);
            ALTER TABLE heartbeat_audit DETACH PARTITION \(tomorrow);
            ALTER TABLE heartbeat_audit ATTACH PARTITION \(today) FOR VALUES FROM ('\(first)') TO ('\(moment)');
            ALTER TABLE heartbeat_audit ATTACH PARTITION \(tomorrow) FOR VALUES FROM ('\(moment)') TO ('\(last)');
            COMMIT
            """)
    }
}
