import Foundation

/// A server on 127.0.0.1 that keeps the requests it gets, byte for byte, and answers with the bytes it is told.
///
/// Each connection has a thread of its own, so a script may block: on a `Gate`, for example.
package final class StubServer: Sendable {
    package struct Request: Sendable {
        /// Counts the connections from 1 on.
        package var connection: Int
        /// Which one on its connection, from 1 on.
        package var number: Int
        /// The request line, without its end.
        package var line: String
        /// As they came, in their order.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package func values(of name: String) -> [String] {
            headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    package enum Step: Sendable {
        case send(String)
        case wait(Gate)
        /// Until the peer closes; then this side does.
        case waitForClose
        case close
        /// Closes with a TCP RST.
        case reset
    }

    package let port: UInt16
    private let state: StubServerState
    private let listener: Int32

    package var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameters:
    ///   - readsBodies: if not, the script has its turn when the head of a request has come.
    ///   - script: what is done about a request; then the connection goes on to the next one.
    package init(readsBodies: Bool = true, _ script: @escaping @Sendable (Request) -> [Step]) throws {
        let state = StubServerState()
        let listener = try loopbackListener()
        self.state = state
        self.listener = listener.descriptor
        port = listener.port
        Thread.detachNewThread { [descriptor = listener.descriptor] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                let number = state.opened(connection)
                Thread.detachNewThread {
                    StubConnection(descriptor: connection, number: number, readsBodies: readsBodies, state: state)
                        .run(script)
                }
            }
            close(descriptor)
        }
    }

    deinit {
        // The accepting thread comes back from accept(2) and closes the descriptor itself.
        shutdown(listener, Int32(SHUT_RDWR))
        state.shutDownConnections()
    }

    package var requests: [Request] { state.requests }
    package var connectionsOpened: Int { state.connectionsOpened }

    /// - Throws: where it is not so within a time that ends a hung test.
    package func waitForRequests(_ count: Int) throws {
        try state.wait("\(count) requests") { $0.requestCount >= count }
    }

    /// - Throws: where it is not so within a time that ends a hung test.
    package func waitUntilAllAreClosed() throws {
        try state.wait("the end of all connections") { $0.openCount == 0 }
    }
}

/// Opens once and stays open.
package final class Gate: @unchecked Sendable {
    // `isOpen` is guarded by the condition.
    private let condition = NSCondition()
    private var isOpen = false

    package init() {}

    package func open() {
        condition.withLock {
            isOpen = true
            condition.broadcast()
        }
    }

    /// Blocks the calling thread; after five minutes it goes on regardless, so that a failed test ends.
    package func wait() {
        let last = Date(timeIntervalSinceNow: 300)
        condition.withLock {
            while !isOpen, condition.wait(until: last) {}
        }
    }
}

/// A listening socket on 127.0.0.1, at a port that the kernel chooses.
func loopbackListener() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SupportError.systemCall("socket") }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listens =
        withLoopbackAddress(port: 0) { bind(descriptor, $0, $1) } == 0 && listen(descriptor, SOMAXCONN) == 0
        && withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        } == 0
    guard listens else {
        let error = SupportError.systemCall("listen")
        close(descriptor)
        throw error
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}
