import EventLoop
import PostgreSQL

/// Reads the table's keys into the directory whenever they change. For use on its loop only.
final class KeyReader {
    private let directory: KeyDirectory
    private let file: String?
    private let settings: KeyKeeper.Settings
    private let observe: @Sendable (KeyKeeper.Event) -> Void
    private let connection: PersistentConnection
    /// Something has changed, or the connection has ended.
    private let wakeup: Wakeup
    private var isOutdated = false
    /// What was read last.
    private var rows: [[String?]]?
    private var hasRead = false
    /// Else the next process might know a key that is revoked.
    private var isFileCurrent = false
    private var notedAt: [String: Int64] = [:]
    private var nextNote: ContinuousClock.Instant
    private var isNotingRefused = false

    init(
        _ directory: KeyDirectory, conninfo: String?, file: String?, on loop: EventLoop, settings: KeyKeeper.Settings,
        observe: @escaping @Sendable (KeyKeeper.Event) -> Void
    ) {
        self.directory = directory
        self.file = file
        self.settings = settings
        self.observe = observe
        connection = PersistentConnection(conninfo, on: loop)
        wakeup = Wakeup(on: loop)
        nextNote = .now + settings.useInterval
    }

    /// Connects, and reads until `stop`.
    func run() async {
        await connection.run(interrupted: interrupted, use: keepReading)
        wakeup.cancel()
    }

    func stop() {
        connection.stop()
    }

    /// SQLSTATE: undefined_table and insufficient_privilege.
    private static let withheld = ["42P01", "42501"]

    private func interrupted(_ interruption: PersistentConnection.Interruption) {
        guard case .pausing(let error) = interruption else { return }
        let isWithheld = error.sqlState.map(Self.withheld.contains) ?? false
        if directory.note(fault: "\(error)", isWithheld: isWithheld) { observe(.failed(reason: "\(error)")) }
    }

    private func keepReading(on connection: Connection) async throws(PostgreSQLError) {
        connection.onEnd = { [wakeup] in wakeup.signal() }
        connection.onNotification = { [weak self, wakeup] in
            self?.isOutdated = true
            wakeup.signal()
        }
        let table = KeyTable(on: connection)
        // Before the first look: what changes after it is told.
        let isTold = try await table.listen()
        var fingerprint: [[String?]]?
        var nextReload = ContinuousClock.now
        while true {
            if let loss = connection.loss { throw loss }
            if !isTold {
                let present = try await table.fingerprint()
                if present != fingerprint { isOutdated = true }
                fingerprint = present
            }
            if isOutdated || .now >= nextReload {
                isOutdated = false
                nextReload = .now + settings.reloadInterval
                try await reload(from: table)
            }
            if .now >= nextNote {
                nextNote = .now + settings.useInterval
                try await noteUses(in: table)
            }
            if isOutdated { continue }
            let next = min(nextReload, nextNote)
            await wakeup.wait(until: isTold ? next : min(next, .now + settings.pollInterval))
        }
    }

    private func reload(from table: KeyTable) async throws(PostgreSQLError) {
        let rows = try await table.goodKeys()
        if rows != self.rows {
            let last = directory.snapshot
            // Some milliseconds where there are thousands.
            let snapshot = await runBlocking(named: "api-keys") {
                KeySnapshot(rows.compactMap(StoredKey.init), after: last)
            }
            directory.publish(snapshot)
            self.rows = rows
            isFileCurrent = false
        }
        if directory.note(fault: nil) || !hasRead { observe(.read(keys: rows.count)) }
        hasRead = true
        // Last: they are in force already, and the disk keeps none waiting.
        if let file, !isFileCurrent { await write(directory.snapshot.keys, to: file) }
    }

    private func write(_ keys: [StoredKey], to file: String) async {
        let fault = await runBlocking(named: "api-keys") { () -> String? in
            do throws(SystemError) {
                try replaceFile(at: file, with: KeyFile.encode(keys))
                return nil
            } catch {
                return "\(error)"
            }
        }
        isFileCurrent = fault == nil
        if let fault { observe(.notWritten(reason: fault)) }
    }

    private func noteUses(in table: KeyTable) async throws(PostgreSQLError) {
        let uses = directory.snapshot.uses.filter { $0.usedAt != notedAt[$0.id] }
        if uses.isEmpty { return }
        do throws(PostgreSQLError) {
            try await table.note(uses, interval: settings.useInterval)
            isNotingRefused = false
            notedAt = Dictionary(directory.snapshot.uses.map { ($0.id, $0.usedAt) }) { first, _ in first }
        } catch {
            // A role that may not write can serve all the same.
            if error.callsForAnotherConnection { throw error }
            if !isNotingRefused { observe(.usesNotNoted(reason: "\(error)")) }
            isNotingRefused = true
        }
    }
}
