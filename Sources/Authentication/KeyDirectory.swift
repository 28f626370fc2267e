import EventLoop
import Heartbeat
import LibCrypto
import Synchronization

/// Where every loop looks keys up. `KeyKeeper` keeps it true to the table.
package final class KeyDirectory: Sendable {
    private struct State {
        var snapshot = KeySnapshot([])
        /// Whether what the table has, or once had, is known.
        var isKnown = false
        /// Whether the table is not there, or not for this service: then it knows no keys of it, and that is final.
        var isWithheld = false
        /// Why the table could not be read; nil once it could, or where that is yet to be tried.
        var fault: String?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Int64

    /// - Parameter now: microseconds since 1970.
    package init(now: @escaping @Sendable () -> Int64 = wallClockMicroseconds) {
        self.now = now
    }

    /// - Parameter address: the client's, numeric; nil on a Unix socket.
    /// - Returns: nil where the key is unknown, expired or revoked.
    /// - Throws: where the key is not known, but those of the table are not either.
    func caller(of key: APIKey.Fingerprint, at address: String?) throws(CallersUnavailable) -> Caller? {
        let now = now()
        let (snapshot, isDecided) = state.withLock { ($0.snapshot, $0.isKnown || $0.isWithheld) }
        guard let entry = snapshot.entry(of: key, now: now) else {
            if isDecided { return nil }
            throw CallersUnavailable()
        }
        entry.use.note(now)
        var caller = entry.caller
        if !entry.key.isAllowed(at: address) { caller.isOutsideNetworks = true }
        return caller
    }

    /// How it stands with the directory.
    package struct Status: Sendable, Equatable {
        /// How many keys it has.
        package let keys: Int
        /// Whether what the table has, or once had, is known.
        package let isKnown: Bool
        /// Why the table could not be read; nil where it could, or that is yet to be tried.
        package let fault: String?
    }

    package var status: Status {
        state.withLock { Status(keys: $0.snapshot.keys.count, isKnown: $0.isKnown, fault: $0.fault) }
    }

    var snapshot: KeySnapshot { state.withLock { $0.snapshot } }

    func publish(_ snapshot: KeySnapshot) {
        state.withLock { state in
            state.snapshot = snapshot
            state.isKnown = true
        }
    }

    /// - Parameter isWithheld: whether PostgreSQL said that the table is not there, or not for this service.
    /// - Returns: whether that is a change from good to bad or back.
    func note(fault: String?, isWithheld: Bool = false) -> Bool {
        state.withLock { state in
            if isWithheld { state.isWithheld = true }
            let isChange = (state.fault == nil) != (fault == nil)
            state.fault = fault
            return isChange
        }
    }
}
