import Foundation
import Synchronization

/// A TCP proxy before a server of 127.0.0.1 that breaks connections at a chosen moment: the client sees a reset, the
/// server an end.
package final class CuttingProxy: Sendable {
    /// Each but the first is about the next piece of at least `messageBytesMin` bytes that a client sends.
    package enum Moment: Sendable, CaseIterable {
        /// Every connection there is.
        case atOnce
        /// The server gets half of it.
        case withinMessage
        /// The server gets all of it, and nobody waits for its answer.
        case afterMessage
        /// The server has answered, and the client gets nothing of it.
        case beforeAnswer
    }

    package let port: UInt16
    private let state: ProxyState

    /// - Parameter messageBytesMin: smaller pieces are of no interest.
    package init(to target: UInt16, messageBytesMin: Int = 1) throws {
        let state = ProxyState()
        let listener = try loopbackListener()
        (self.state, port) = (state, listener.port)
        Thread.detachNewThread { [descriptor = listener.descriptor] in
            var loop = ProxyLoop(
                listener: descriptor, target: target, messageBytesMin: messageBytesMin, state: state)
            loop.run()
        }
    }

    deinit {
        state.change { $0.isEnding = true }
    }

    /// Breaks connections at the next such moment, and returns when it has.
    package func cut(_ moment: Moment) throws {
        state.change { $0.wanted = moment }
        try state.wait("a cut \(moment)") { $0.wanted == nil }
    }
}

/// What the proxy's thread shares with the others.
private final class ProxyState: Sendable {
    struct Values: Sendable {
        var isEnding = false
        var wanted: CuttingProxy.Moment?
    }

    private let values = Mutex(Values())
    private let changed = NSCondition()

    var current: Values { values.withLock { $0 } }

    func change(_ body: (inout Values) -> Void) {
        values.withLock { body(&$0) }
        changed.withLock { changed.broadcast() }
    }

    func wait(_ what: String, until isMet: (Values) -> Bool) throws {
        let last = Date(timeIntervalSinceNow: 60)
        try changed.withLock {
            while !isMet(current) {
                guard changed.wait(until: last) else { throw SupportError("waited in vain for \(what)") }
            }
        }
    }
}

/// The proxy's thread: relays what comes, on blocking sockets.
private struct ProxyLoop {
    private struct Pair {
        var client: Int32
        var server: Int32
        /// Its server's answer is not to arrive.
        var isDoomed = false
    }

    /// How soon a wish of another thread is seen.
    private static let pollMilliseconds: Int32 = 10

    let listener: Int32
    let target: UInt16
    let messageBytesMin: Int
    let state: ProxyState
    private var pairs: [Pair] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)

    init(listener: Int32, target: UInt16, messageBytesMin: Int, state: ProxyState) {
        self.listener = listener
        self.target = target
        self.messageBytesMin = messageBytesMin
        self.state = state
    }

    mutating func run() {
        while !state.current.isEnding {
            if state.current.wanted == .atOnce {
                while let last = pairs.indices.last { cut(last) }
                state.change { $0.wanted = nil }
            }
            var entries = ([listener] + pairs.flatMap { [$0.client, $0.server] })
                .map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&entries, nfds_t(entries.count), Self.pollMilliseconds) > 0 else { continue }
            // From the last to the first, since a pair may go.
            for index in pairs.indices.reversed() {
                let isOpen = entries[2 * index + 2].revents == 0 || relayFromServer(index)
                if isOpen, entries[2 * index + 1].revents != 0 { relayFromClient(index) }
            }
            if entries[0].revents != 0 { accept() }
        }
        while let last = pairs.indices.last { cut(last) }
        close(listener)
    }

    private mutating func accept() {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        pairs.append(Pair(client: client, server: server))
        if !connectToLoopback(server, port: target) { cut(pairs.count - 1) }
    }

    private mutating func relayFromClient(_ index: Int) {
        let count = recv(pairs[index].client, &buffer, buffer.count, 0)
        guard count > 0 else { return cut(index) }
        let wanted = count >= messageBytesMin ? state.current.wanted : nil
        send(wanted == .withinMessage ? count / 2 : count, to: pairs[index].server)
        switch wanted {
        case .withinMessage, .afterMessage: cut(index, asWanted: true)
        case .beforeAnswer: pairs[index].isDoomed = true
        case .atOnce, nil: break
        }
    }

    /// - Returns: whether the connection goes on.
    private mutating func relayFromServer(_ index: Int) -> Bool {
        let count = recv(pairs[index].server, &buffer, buffer.count, 0)
        guard count > 0, !pairs[index].isDoomed else {
            cut(index, asWanted: pairs[index].isDoomed)
            return false
        }
        send(count, to: pairs[index].client)
        return true
    }

    /// A peer that has gone is found out when it is read from.
    private func send(_ count: Int, to descriptor: Int32) {
        var sent = 0
        while sent < count {
            let part = buffer[sent..<count].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard part > 0 else { return }
            sent += part
        }
    }

    private mutating func cut(_ index: Int, asWanted: Bool = false) {
        let pair = pairs.remove(at: index)
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(pair.client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close(pair.client)
        close(pair.server)
        if asWanted { state.change { $0.wanted = nil } }
    }
}
