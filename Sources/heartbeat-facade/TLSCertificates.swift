import Authentication
import EventLoop
import Synchronization
import Transport

/// The certificates in use, and whom those of clients stand for: read at start, and again when they change.
final class TLSCertificates: Sendable {
    private struct State {
        var content: TLSFiles.Content
        /// Of the files as they were last tried, whether or not they could be used.
        var stamps: [FileStamp?]
    }

    let files: TLSFiles
    private let ticketKeys = TicketKeys()
    private let state: Mutex<State>

    /// Blocking.
    init(_ files: TLSFiles) throws(TLSFiles.Fault) {
        self.files = files
        // The stamps first: a file that is replaced while it is read has changed since.
        let stamps = files.stamps
        state = Mutex(State(content: try files.load(ticketKeys: ticketKeys), stamps: stamps))
    }

    /// For the next connection; those that are open keep theirs.
    var context: TLSContext {
        state.withLock { $0.content.context }
    }

    /// For the next request, of open connections too; nil: there is no such file.
    var clientMap: ClientMap? {
        state.withLock { $0.content.clientMap }
    }

    /// Reads the files again and puts them to use. Blocking; on one thread at a time.
    /// - Parameter onlyIfChanged: does nothing where the files are as they were when they were last tried.
    /// - Returns: whether there was anything to do.
    /// - Throws: what is wrong with them; what was in use stays.
    func reload(onlyIfChanged: Bool) throws(TLSFiles.Fault) -> Bool {
        ticketKeys.rotate()
        let stamps = files.stamps
        let isChanged = state.withLock { state in
            defer { state.stamps = stamps }
            return state.stamps != stamps
        }
        guard isChanged || !onlyIfChanged else { return false }
        let content = try files.load(ticketKeys: ticketKeys)
        state.withLock { $0.content = content }
        return true
    }
}

/// Looks after the certificates on a loop; reading files goes to a thread of its own.
final class CertificateKeeper {
    private static let interval = Duration.seconds(5)

    private let certificates: TLSCertificates
    private let loop: EventLoop
    private let report: (Result<Void, TLSFiles.Fault>) -> Void
    private let wakeup: Wakeup
    private var isAsked = false
    private var isStopped = false

    /// - Parameter report: is told of each reload.
    init(
        _ certificates: TLSCertificates, on loop: EventLoop, report: @escaping (Result<Void, TLSFiles.Fault>) -> Void
    ) {
        self.certificates = certificates
        self.loop = loop
        self.report = report
        wakeup = Wakeup(on: loop)
    }

    func start() {
        loop.spawn { [self] in await run() }
    }

    /// Reads the files again now, changed or not.
    func reload() {
        isAsked = true
        wakeup.signal()
    }

    func stop() {
        isStopped = true
        wakeup.signal()
    }

    private func run() async {
        while !isStopped {
            await wakeup.wait(until: .now + Self.interval)
            if isStopped { break }
            let onlyIfChanged = !isAsked
            isAsked = false
            let outcome = await runBlocking(named: "certificates") { [certificates] in
                Result { () throws(TLSFiles.Fault) in try certificates.reload(onlyIfChanged: onlyIfChanged) }
            }
            switch outcome {
            case .success(true): report(.success(()))
            case .success(false): break
            case .failure(let fault): report(.failure(fault))
            }
        }
        wakeup.cancel()
    }
}
