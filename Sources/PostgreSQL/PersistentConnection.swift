package import EventLoop

/// Keeps a connection: opens one, lends it to its user, and opens another when that one is lost.
///
/// For use on its loop only.
package final class PersistentConnection {
    /// Why there is no connection now.
    package enum Interruption {
        /// One that had served well is lost; another is being opened.
        case reconnecting(PostgreSQLError)
        /// None could be opened, or it was lost at once; the next attempt comes after a pause.
        case pausing(PostgreSQLError)
    }

    private let conninfo: String?
    private let provenAfter: Duration
    private let loop: EventLoop
    private let wakeup: Wakeup
    private var connection: Connection?
    private var isStopped = false

    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - provenAfter: a connection that lasted so long is replaced at once when it is lost, a younger one after a
    ///     pause: a server that takes connections only to drop them is not to be asked as fast as it answers. One that
    ///     the server ended for being idle is replaced at once in any case.
    package init(_ conninfo: String?, on loop: EventLoop, provenAfter: Duration = Backoff.delayMax) {
        self.conninfo = conninfo
        self.provenAfter = provenAfter
        self.loop = loop
        wakeup = Wakeup(on: loop)
    }

    /// Goes on until `stop`.
    /// - Parameters:
    ///   - interrupted: told of each loss and each failed attempt.
    ///   - use: given each connection; what it throws ends that one. It returns only where `stop` was called.
    package func run(
        interrupted: (Interruption) -> Void, use: (Connection) async throws(PostgreSQLError) -> Void
    ) async {
        var backoff = Backoff()
        while !isStopped {
            var openedAt: ContinuousClock.Instant?
            do throws(PostgreSQLError) {
                let connection = try await Connection.open(conninfo, on: loop)
                defer {
                    connection.close()
                    self.connection = nil
                }
                if isStopped { break }
                openedAt = .now
                self.connection = connection
                try await use(connection)
            } catch {
                if isStopped { break }
                if let openedAt, error.isEndOfIdleSession || .now - openedAt >= provenAfter {
                    backoff.reset()
                    interrupted(.reconnecting(error))
                } else {
                    interrupted(.pausing(error))
                    await wakeup.wait(until: .now + backoff.next())
                }
            }
        }
        wakeup.cancel()
    }

    /// Closes the connection and has `run` return.
    package func stop() {
        isStopped = true
        connection?.close()
        wakeup.signal()
    }
}
