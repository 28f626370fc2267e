import Foundation

/// Carries TCP connections to a server on 127.0.0.1, byte for byte, until a test has it cut them or hold them up.
///
/// Each direction of each connection has a thread of its own.
package final class CuttingProxy: Sendable {
    package enum Direction: Sendable {
        case toServer, toClient
    }

    /// What one read gave, before it goes on.
    package struct Chunk: Sendable {
        /// Counts the connections from 1 on.
        package var connection: Int
        package var direction: Direction
        package var bytes: [UInt8]

        /// Whether the text's bytes are in it.
        package func contains(_ text: String) -> Bool {
            bytes.firstRange(of: Array(text.utf8)) != nil
        }
    }

    package enum Verdict: Sendable {
        case forward
        /// So many of the chunk's bytes still go on, and nothing after them: both sides see the connection's end.
        case cut(after: Int)
    }

    package let port: UInt16
    private let listener: Int32
    private let state: CuttingProxyState

    /// - Parameters:
    ///   - server: its port.
    ///   - judge: asked about each chunk; it may block.
    package init(
        to server: UInt16, judge: @escaping @Sendable (Chunk) -> Verdict = { _ in .forward }
    ) throws {
        let listener = try loopbackListener()
        let state = CuttingProxyState(judge: judge)
        self.listener = listener.descriptor
        self.state = state
        port = listener.port
        Thread.detachNewThread { [descriptor = listener.descriptor] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { break }
                state.carry(client, to: server)
            }
            close(descriptor)
        }
    }

    deinit {
        // The accepting thread comes back from accept(2) and closes the descriptor itself.
        shutdown(listener, Int32(SHUT_RDWR))
        state.cut()
    }

    /// Ends all connections; new ones are taken as before.
    package func cut() {
        state.cut()
    }

    /// Nothing goes on any more, on connections old and new, and no side is told: a network that swallows all.
    package func stall() {
        state.setStalled(true)
    }

    package func resume() {
        state.setStalled(false)
    }

    /// Those that reached the server.
    package var connectionsOpened: Int { state.opened }

    /// - Throws: where it is not so within a time that ends a hung test.
    package func waitForConnections(_ count: Int) throws {
        try state.waitForConnections(count)
    }
}

private final class CuttingProxyState: @unchecked Sendable {
    private let judge: @Sendable (CuttingProxy.Chunk) -> CuttingProxy.Verdict
    private let condition = NSCondition()
    // All guarded by `condition`, which is broadcast when one changes.
    private var links: [Int: Link] = [:]
    private var openedCount = 0
    private var isStalled = false

    private struct Link {
        let client: Int32
        let server: Int32
        /// Directions that still carry.
        var carrying = 2

        func shutDown() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    init(judge: @escaping @Sendable (CuttingProxy.Chunk) -> CuttingProxy.Verdict) {
        self.judge = judge
    }

    var opened: Int { condition.withLock { openedCount } }

    func carry(_ client: Int32, to port: UInt16) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard server >= 0, withLoopbackAddress(port: port, { connect(server, $0, $1) }) == 0 else {
            // No server: the client sees its connection closed.
            close(server)
            close(client)
            return
        }
        var on: Int32 = 1
        for descriptor in [client, server] {
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        let number = change {
            openedCount += 1
            links[openedCount] = Link(client: client, server: server)
            return openedCount
        }
        Thread.detachNewThread { self.pump(number, .toServer, from: client, to: server) }
        Thread.detachNewThread { self.pump(number, .toClient, from: server, to: client) }
    }

    /// Carries one direction until either side ends it or it is cut.
    private func pump(_ number: Int, _ direction: CuttingProxy.Direction, from source: Int32, to sink: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            waitWhileStalled()
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            waitWhileStalled()
            let bytes = Array(buffer[..<count])
            switch judge(CuttingProxy.Chunk(connection: number, direction: direction, bytes: bytes)) {
            case .forward:
                guard sendAll(bytes[...], to: sink) else { return end(number) }
            case .cut(let rest):
                _ = sendAll(bytes.prefix(rest), to: sink)
                return end(number)
            }
        }
        end(number)
    }

    private func sendAll(_ bytes: ArraySlice<UInt8>, to sink: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Half a connection is none: with one direction the other ends too, and the last to see it closes both sides.
    private func end(_ number: Int) {
        change {
            guard let link = links[number] else { return }
            link.shutDown()
            links[number]?.carrying -= 1
            guard links[number]?.carrying == 0 else { return }
            close(link.client)
            close(link.server)
            links[number] = nil
        }
    }

    func cut() {
        change {
            isStalled = false
            for link in links.values { link.shutDown() }
        }
    }

    func setStalled(_ stalled: Bool) {
        change { isStalled = stalled }
    }

    private func waitWhileStalled() {
        condition.withLock {
            while isStalled { condition.wait() }
        }
    }

    func waitForConnections(_ count: Int) throws {
        let last = Date(timeIntervalSinceNow: 60)
        try condition.withLock {
            while openedCount < count {
                guard condition.wait(until: last) else { throw SupportError("waited in vain for \(count) connections") }
            }
        }
    }

    private func change<Value>(_ body: () -> Value) -> Value {
        condition.withLock {
            defer { condition.broadcast() }
            return body()
        }
    }
}
