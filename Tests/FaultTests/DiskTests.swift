import TestSupport
import Testing

extension FaultTests {
    /// What keeps the spool from growing.
    enum Full: CaseIterable {
        case disk
        case limit
    }

    @Test(arguments: Full.allCases)
    func `the spool is full while PostgreSQL is away`(full: Full) throws {
        let server = try PrivatePostgreSQL()
        let spool = try SmallSpool(full)
        let scene = try Scene(.with, database: server.database, spool.settings)
        for _ in 0..<Scale.rounds(short: 1, long: 20) {
            try scene.driver.wait(for: Scale.few, more: .promised)
            server.pause()
            try scene.driver.wait(for: Scale.few, more: .refused)
            try scene.instances[0].wait(for: "/readyz", toAnswer: 503)
            // A restart finds no room either.
            try scene.kill9()
            try scene.start(awaiting: "/livez")
            try scene.driver.wait(for: 1, more: .refused)
            server.resume()
            try scene.instances[0].wait(for: "/readyz", toAnswer: 200)
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
        withExtendedLifetime(spool) {}
    }
}

/// A place for a few hundred rows.
private struct SmallSpool {
    /// The least that HEARTBEAT_SPOOL_LIMIT may be.
    private static let bytes = 1 << 20
    /// Makes it full soon.
    private static let detailsLength = 2000

    let settings: Scene.Settings
    private let disk: SmallDisk?

    init(_ full: FaultTests.Full) throws {
        var settings = Scene.Settings()
        settings.load.detailsLength = Self.detailsLength
        switch full {
        case .disk:
            disk = try SmallDisk(bytes: Self.bytes)
            if let disk {
                settings.environment["HEARTBEAT_SPOOL_DIRECTORY"] = disk.path
            } else {
                // Who may mount no disk has files that cannot grow: in blocks of 512 bytes (POSIX, ulimit).
                settings.launcher = ["sh", "-c", "trap '' XFSZ; ulimit -f \(Self.bytes / 512); exec \"$0\" \"$@\""]
            }
        case .limit:
            disk = nil
            settings.environment["HEARTBEAT_SPOOL_LIMIT"] = "\(Self.bytes >> 20)MiB"
        }
        self.settings = settings
    }
}
