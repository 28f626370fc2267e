import EventLoop
import Glibc
import Synchronization
import TestSupport

/// Callers that send heartbeats on connections that they keep, all on one thread, and what was answered.
///
/// A connection that breaks is opened again until `finish`: the service may be away for a while.
final class LoadDriver: Sendable {
    struct Settings: Sendable {
        var connections = 16
        /// Heartbeats a second of all connections together; nil: each sends the next as soon as one is answered.
        var rate: Int?
        var detailsLength = 3
        /// With keys that nobody has.
        var isByStrangers = false
        /// Longer than the service ever takes for an answer: then the connection counts as broken.
        var answerDeadline: Duration = .seconds(30)
        /// A heartbeat that fails, by an answer or without one, is sent once more on a new connection: when its answer
        /// says, else at once. It is against the rules that this fails too. And a balancer may answer.
        var isRepeating = false
    }

    let prefix: String
    let log: AnswerLog
    let latencies = Latencies()
    private let isFinishing = Atomic(false)
    private let thread: Mutex<Thread?>

    /// - Parameters:
    ///   - prefix: of the request ids, which is nobody else's in the same database.
    ///   - ports: of the instances, among which the connections are divided.
    init(prefix: String, ports: [UInt16], _ settings: Settings = Settings()) throws {
        self.prefix = prefix
        log = try AnswerLog()
        thread = Mutex(nil)
        let started = Thread(named: "driver") { [self] in
            var loop = DriverLoop(driver: self, ports: ports, settings: settings)
            loop.run { isFinishing.load(ordering: .relaxed) }
        }
        thread.withLock { $0 = started }
    }

    /// Waits for the answers that are due, and ends.
    @discardableResult
    func finish() -> AnswerLog.Tally {
        isFinishing.store(true, ordering: .relaxed)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        return log.tally
    }

    enum Kind: String {
        case promised, refused, unanswered, repeated

        func count(in tally: AnswerLog.Tally) -> Int {
            switch self {
            case .promised: tally.promised
            case .refused: tally.refused
            case .unanswered: tally.unanswered
            case .repeated: tally.repeated
            }
        }
    }

    /// Waits until so many more heartbeats have come to this end than had by now.
    func wait(for count: Int, more kind: Kind, within deadline: Duration = .seconds(120)) throws {
        let wanted = kind.count(in: log.tally) + count
        try log.wait(for: "\(count) more \(kind)", within: deadline) { kind.count(in: $0) >= wanted }
    }
}

/// The driver's thread.
private struct DriverLoop {
    private static let reconnectPause: Duration = .milliseconds(20)
    private static let pollMax: Duration = .milliseconds(100)

    let driver: LoadDriver
    let ports: [UInt16]
    let settings: LoadDriver.Settings
    var connections: [DriverConnection]
    var entries: [pollfd]
    var forms: [Beat]
    var nextNumber = 0

    init(driver: LoadDriver, ports: [UInt16], settings: LoadDriver.Settings) {
        self.driver = driver
        self.ports = ports
        self.settings = settings
        connections = (0..<settings.connections).map { _ in DriverConnection() }
        entries = connections.map { _ in pollfd(fd: -1, events: Int16(POLLIN), revents: 0) }
        forms =
            settings.isByStrangers
            ? [Beat.stranger(prefix: driver.prefix)]
            : Beat.forms(prefix: driver.prefix, detailsLength: settings.detailsLength)
        // Spread over the interval, not all at once.
        if let interval {
            let start = ContinuousClock.now
            for index in connections.indices {
                connections[index].dueAt = start + interval * (Double(index) / Double(connections.count))
            }
        }
    }

    /// Between two heartbeats of one connection.
    private var interval: Duration? {
        settings.rate.map { .seconds(1) * (Double(settings.connections) / Double($0)) }
    }

    mutating func run(until isFinishing: () -> Bool) {
        while true {
            let now = ContinuousClock.now
            let finishing = isFinishing()
            var wakeAt = now + Self.pollMax
            for index in connections.indices {
                let isOver = finishing && connections[index].repeated == nil
                switch connections[index].state {
                case .closed(let retryAt):
                    if !isOver, retryAt <= now { open(index, at: now) }
                case .awaiting(_, let deadline):
                    if deadline <= now { lose(index) }
                case .idle: break
                }
                if !isOver, case .idle = connections[index].state {
                    if connections[index].dueAt <= now { send(index) }
                    wakeAt = min(wakeAt, connections[index].dueAt)
                }
                if case .closed(let retryAt) = connections[index].state { wakeAt = min(wakeAt, retryAt) }
                entries[index].fd = connections[index].descriptor
            }
            driver.log.announce()
            if finishing, !connections.contains(where: { $0.isAwaiting || $0.repeated != nil }) { break }
            let left = max(0, ((wakeAt - .now) / .milliseconds(1)).rounded(.up))
            guard poll(&entries, nfds_t(entries.count), Int32(left)) > 0 else { continue }
            for index in entries.indices where entries[index].fd >= 0 && entries[index].revents != 0 {
                receive(index)
            }
        }
        for index in connections.indices { connections[index].close(retryAt: .now) }
    }

    private mutating func open(_ index: Int, at now: ContinuousClock.Instant) {
        if !connections[index].open(port: ports[index % ports.count]) {
            connections[index].close(retryAt: now + Self.reconnectPause)
        }
    }

    private mutating func send(_ index: Int) {
        let number = nextNumber
        nextNumber += 1
        let task = connections[index].repeated ?? number
        let form = task % forms.count
        let now = ContinuousClock.now
        let (dueAt, idleSince) = (connections[index].dueAt, connections[index].idleSince)
        // One that was due while an answer was late has waited since then.
        connections[index].startedAt = interval != nil && idleSince > dueAt ? dueAt : now
        let sent = forms[form].withBytes(number: number, ofTask: task) { bytes in
            connections[index].send(bytes, number: number, deadline: now + settings.answerDeadline)
        }
        if let interval { connections[index].dueAt += interval }
        if !sent { lose(index) }
    }

    private mutating func receive(_ index: Int) {
        guard case .awaiting(let number, _) = connections[index].state else {
            // Nothing is due: the service has closed it.
            return connections[index].close(retryAt: .now)
        }
        let id = Beat.id(prefix: driver.prefix, number: number)
        do {
            switch try connections[index].receive(to: id) {
            case .more: break
            case .end: lose(index)
            case .answer(let answer):
                let now = ContinuousClock.now
                driver.latencies.note(now - connections[index].startedAt, answer)
                driver.log.note(answer, to: id)
                connections[index].answered(at: now)
                if answer.isLast { connections[index].close(retryAt: now) }
                if answer.outcome == Answer.ofBalancer, !settings.isRepeating {
                    driver.log.noteViolation("\(id) got \(answer)")
                }
                ended(index, number, at: now, error: answer.isRetryable ? answer : nil)
            }
        } catch {
            driver.log.noteViolation("\(error)")
            lose(index)
        }
    }

    /// Its heartbeat may or may not have arrived.
    private mutating func lose(_ index: Int) {
        let state = connections[index].state
        connections[index].close(retryAt: .now + Self.reconnectPause)
        guard case .awaiting(let number, _) = state else { return }
        driver.log.noteNoAnswer(to: Beat.id(prefix: driver.prefix, number: number))
        ended(index, number, at: .now, error: Answer(status: 0, outcome: "no answer", isLast: true))
    }

    /// - Parameter error: what a caller would send its heartbeat again after.
    private mutating func ended(_ index: Int, _ number: Int, at now: ContinuousClock.Instant, error: Answer?) {
        guard settings.isRepeating else { return }
        let repeated = connections[index].repeated
        connections[index].repeated = nil
        guard let error else { return }
        if let repeated {
            return driver.log.noteViolation(
                "\(Beat.id(prefix: driver.prefix, number: repeated)) failed, and sent again as \(number) got \(error)")
        }
        driver.log.noteRepetition()
        connections[index].repeated = number
        connections[index].close(retryAt: now)
        connections[index].dueAt = now + (error.retryAfter ?? .zero)
    }
}
