internal import Synchronization

/// A statement that is run again and again: `Connection.execute` prepares it once a connection.
///
/// A pooler that lends a server's session for one transaction only, as PgBouncer does in transaction mode, may have a
/// statement prepared in one session and run in another, where there is none of that name or somebody else's. The first
/// time that happens the statement goes unnamed from there on, on every connection of the process: that costs its
/// planning each time. To be kept as a constant, then, and not made for each use.
package final class Statement: Sendable {
    package let sql: String
    /// The same only for the same text: where sessions are shared, what another version of this program has prepared
    /// under this name is the same statement.
    let name: String
    private let isUnnamed = Atomic(false)

    package init(_ sql: String) {
        self.sql = sql
        name = "heartbeat_" + String(fnv1a(sql.utf8), radix: 16)
    }

    /// Whether a session is taken to keep what is prepared in it.
    var isPreparable: Bool { !isUnnamed.load(ordering: .relaxed) }

    func giveUpPreparing() {
        isUnnamed.store(true, ordering: .relaxed)
    }
}

/// The hash FNV-1a of 64 bits: the same in each process, other than Swift's own.
private func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}
