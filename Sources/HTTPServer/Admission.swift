package import HTTP
internal import Synchronization

/// Who may connect to a listener: one for all its loops.
package final class Admission: Sendable {
    package struct Rules: Sendable {
        /// Connections at a time. While so many are open, whoever comes waits in the system's queue; each loop may take
        /// one beyond it.
        package var connectionsMax = 10_000
        /// Connections at a time of one client. Trusted proxies, and peers on Unix sockets, may have any number.
        package var connectionsPerClientMax = 1000
        /// Requests under way at a time; more are refused at once. Each loop may take one beyond it.
        package var requestsMax = 10_000
        package var trustedProxies = TrustedProxies()
        /// Whether each connection must begin with a PROXY header; only trusted proxies may then connect.
        package var requiresProxyHeader = false

        package init() {}
    }

    /// Why a connection was closed before anything was read of its requests.
    package enum Refusal: Sendable, CaseIterable {
        /// It would have been one more than its client may have.
        case clientLimit
        /// A PROXY header is required, and the peer is none who may send one.
        case untrustedPeer
        /// A PROXY header is required and did not come, not whole, or not in time.
        case proxyHeader
    }

    /// A client, as connections are counted.
    struct Client: Hashable {
        fileprivate let address: IPAddress
    }

    package let rules: Rules
    private let open = Atomic(0)
    private let requests = Atomic(0)
    private let clients = Mutex<[Client: Int]>([:])

    package init(_ rules: Rules = Rules()) {
        self.rules = rules
    }

    var isFull: Bool { open.load(ordering: .relaxed) >= rules.connectionsMax }

    var hasRoomForRequest: Bool { requests.load(ordering: .relaxed) < rules.requestsMax }

    func requestBegan() { requests.add(1, ordering: .relaxed) }
    func requestEnded() { requests.subtract(1, ordering: .relaxed) }

    func opened() { open.add(1, ordering: .relaxed) }
    func closed() { open.subtract(1, ordering: .relaxed) }

    /// - Parameter address: numeric; nil: the peer is on a Unix socket.
    func isTrusted(_ address: String?) -> Bool {
        guard let address else { return rules.trustedProxies.contains(nil) }
        return IPAddress(address).map(rules.trustedProxies.contains) ?? false
    }

    /// The client to count a connection for; nil where none is counted.
    func client(at address: String?) -> Client? {
        guard let address = address.flatMap(IPAddress.init), !rules.trustedProxies.contains(address) else {
            return nil
        }
        return Client(address: address.subscriber)
    }

    /// Counts one more connection of a client.
    /// - Returns: false where it has as many as it may; then it is not counted.
    func enter(_ client: Client) -> Bool {
        clients.withLock { clients in
            let count = clients[client, default: 0]
            guard count < rules.connectionsPerClientMax else { return false }
            clients[client] = count + 1
            return true
        }
    }

    func leave(_ client: Client) {
        clients.withLock { clients in
            guard let count = clients[client] else { return }
            clients[client] = count > 1 ? count - 1 : nil
        }
    }
}
