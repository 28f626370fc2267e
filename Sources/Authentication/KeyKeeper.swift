package import EventLoop

/// Keeps a directory of API keys true to the table, on one loop.
///
/// Changes come by `NOTIFY`, within milliseconds; where that cannot be had, behind a pooler that lends sessions and on
/// a standby, by a question twice a second. All is read again each minute in any case. While PostgreSQL is away the
/// last known keys go on working, and by the file they do so in the next process too.
package actor KeyKeeper {
    package struct Settings: Sendable {
        package var reloadInterval: Duration = .seconds(60)
        /// Where there are no notifications.
        package var pollInterval: Duration = .milliseconds(500)
        /// Between two notes of a key's last use.
        package var useInterval: Duration = .seconds(60)

        package init() {}
    }

    package enum Event: Sendable, Equatable {
        /// The table has been read, for the first time or again after `failed`.
        case read(keys: Int)
        /// The table cannot be read. Told once a change, as is its opposite.
        case failed(reason: String)
        /// The keys of the last process are in use until the table is read.
        case restored(keys: Int)
        /// The last process's file cannot be used.
        case fileIgnored(path: String, reason: String)
        case notWritten(reason: String)
        /// Told once until it succeeds.
        case usesNotNoted(reason: String)
    }

    private nonisolated let loop: EventLoop
    private let reader: KeyReader

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// Reads the file, blocking.
    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - spoolDirectory: where the last known keys are kept; nil: nowhere.
    ///   - observe: called here, and later on the loop.
    package init(
        _ directory: KeyDirectory, conninfo: String?, spoolDirectory: String?, on loop: EventLoop,
        settings: Settings = Settings(), observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.loop = loop
        let file = spoolDirectory.map { "\($0)/\(KeyFile.name)" }
        reader = KeyReader(
            directory, conninfo: conninfo, file: file, on: loop, settings: settings, observe: observe)
        guard let file else { return }
        do throws(KeyFile.Fault) {
            guard let keys = try KeyFile.read(at: file) else { return }
            directory.publish(KeySnapshot(keys))
            observe(.restored(keys: keys.count))
        } catch {
            observe(.fileIgnored(path: file, reason: error.description))
        }
    }

    /// Connects, and reads until `stop`.
    package func run() async {
        await reader.run()
    }

    package func stop() {
        reader.stop()
    }
}
