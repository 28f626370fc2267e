import EventLoop
import Glibc
import Testing
import TestSupport
import Transport

@Suite(.timeLimit(.minutes(10)))
struct ListenerTests {
    private static let anyPort = "127.0.0.1:0"

    @Test func `one port has one set of sockets, also before anybody accepts`() async throws {
        let sockets = try BoundSocket.bind(3, to: #require(SocketAddress(Self.anyPort)))
        let port = sockets[0].address.port
        #expect(Set(sockets.map(\.address.port)) == [port])
        #expect(port > 0)
        for text in ["127.0.0.1:\(port)", "0.0.0.0:\(port)"] {
            let error = #expect(throws: SystemError.self) { try BoundSocket.bind(1, to: #require(SocketAddress(text))) }
            #expect(error?.code == EADDRINUSE)
        }
        // [::] is IPv6 alone.
        let beside = try BoundSocket.bind(1, to: #require(SocketAddress("[::]:\(port)")))
        try EventLoop.run { loop in
            for socket in sockets + beside { try Listener(socket, on: loop).close() }
        }
    }

    @Test func `callers may come faster than they are accepted`() throws {
        let socket = try BoundSocket.bind(1, to: #require(SocketAddress(Self.anyPort)))[0]
        // Past the system's old default of 128, a connection beyond the queue would wait for its SYN to be sent again.
        let clients = try (0..<300).map { _ in try RawHTTPClient(port: socket.address.port) }
        try EventLoop.run { loop in
            let listener = try Listener(socket, on: loop)
            for _ in 0..<300 { try #require(try await listener.transport(on: loop)).close() }
            listener.close()
        }
        for client in clients { #expect(try client.readToEnd() == []) }
    }

    @Test func `a port is free again when its listeners are gone, though clients were served there`() async throws {
        let address = try #require(SocketAddress(Self.anyPort))
        let port = try EventLoop.run { loop in
            let socket = try BoundSocket.bind(1, to: address)[0]
            let listener = try Listener(socket, on: loop)
            let client = try PlainTransport.connect(to: socket.address, on: loop)
            let accepted = try #require(try await listener.transport(on: loop))
            // The end that closes first is left in TIME_WAIT.
            accepted.close()
            client.close()
            return socket.address.port
        }
        let again = try BoundSocket.bind(1, to: #require(SocketAddress("127.0.0.1:\(port)")))
        try EventLoop.run { loop in try Listener(again[0], on: loop).close() }
    }

    @Test func `an address of another host cannot be bound`() throws {
        let error = #expect(throws: SystemError.self) {
            try BoundSocket.bind(1, to: #require(SocketAddress("192.0.2.1:0")))
        }
        #expect(error?.code == EADDRNOTAVAIL)
    }

    @Test(arguments: [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1")])
    func `bytes pass both ways, and the end of the stream is seen`(_ text: String, _ peer: String) async throws {
        let address = try #require(SocketAddress(text))
        try EventLoop.run { loop in
            let socket = try BoundSocket.bind(1, to: address)[0]
            let listener = try Listener(socket, on: loop)
            let client = try PlainTransport.connect(to: socket.address, on: loop)
            let server = try #require(try await listener.transport(on: loop))
            #expect(server.peerAddress == peer)
            #expect(client.peerAddress == peer)
            #expect(server.write(Array("xhello".utf8), from: 1) == .done(5))
            #expect(try await readToEnd(client, count: 5) == "hello")
            _ = client.write(Array("bye".utf8), from: 0)
            client.endWriting()
            #expect(try await readToEnd(server) == "bye")
            server.close()
            #expect(server.write([1], from: 0) == .closed)
            #expect(try await readToEnd(client) == "")
            client.close()
        }
    }

    @Test func `closing takes the queue and then refuses`() async throws {
        let address = try #require(SocketAddress(Self.anyPort))
        try EventLoop.run { loop in
            let socket = try BoundSocket.bind(1, to: address)[0]
            let listener = try Listener(socket, on: loop)
            let clients = try (0..<3).map { _ in try RawHTTPClient(port: socket.address.port) }
            listener.close()
            for _ in clients { #expect(try await listener.transport(on: loop) != nil) }
            #expect(try await listener.transport(on: loop) == nil)
            #expect(try await listener.transport(on: loop) == nil)
            #expect(throws: SupportError.self) { try RawHTTPClient(port: socket.address.port) }
        }
    }

    @Test func `while it closes nobody gets into the queue`() async throws {
        let address = try #require(SocketAddress(Self.anyPort))
        try EventLoop.run { loop in
            let socket = try BoundSocket.bind(1, to: address)[0]
            let listener = try Listener(socket, on: loop)
            let early = try RawHTTPClient(port: socket.address.port)
            listener.close()
            // What connects now would be reset if it came after the last look into the queue.
            let late = try PlainTransport.connect(to: socket.address, on: loop)
            #expect(late.write([1], from: 0) == .needsWrite)
            #expect(try await listener.transport(on: loop) != nil)
            #expect(try await listener.transport(on: loop) == nil)
            late.close()
            withExtendedLifetime(early) {}
        }
    }

    @Test func `closing ends a wait for connections`() async throws {
        let address = try #require(SocketAddress(Self.anyPort))
        try EventLoop.run { loop in
            let listener = try Listener(BoundSocket.bind(1, to: address)[0], on: loop)
            loop.spawn { listener.close() }
            #expect(try await listener.transport(on: loop) == nil)
        }
    }

    @Test func `the loops of a Unix socket share its queue, and its file goes with it`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        let address = try #require(SocketAddress("unix:\(path)"))
        try EventLoop.run { loop in
            let listeners = try BoundSocket.bind(2, to: address).map { try Listener($0, on: loop) }
            #expect(try mode(path) & 0o777 == 0o660)
            for listener in listeners {
                let client = try PlainTransport.connect(to: address, on: loop)
                let server = try #require(try await listener.transport(on: loop))
                #expect(server.peerAddress == nil)
                #expect(client.peerAddress == nil)
                _ = server.write(Array("hello".utf8), from: 0)
                server.close()
                #expect(try await readToEnd(client) == "hello")
                client.close()
            }
            listeners[0].close()
            #expect(throws: SupportError.self) { try RawHTTPClient(unixPath: path) }
            #expect(access(path, F_OK) != 0)
            listeners[1].close()
        }
    }

    @Test func `a Unix socket's path is taken from the dead, and from nobody else`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        let address = try #require(SocketAddress("unix:\(path)"))
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafeBytes(of: &name) {
            bind(dead, $0.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t($0.count))
        }
        #expect(bound == 0)
        close(dead)
        try EventLoop.run { loop in
            let listener = try Listener(BoundSocket.bind(1, to: address)[0], on: loop)
            let error = #expect(throws: SystemError.self) { try BoundSocket.bind(1, to: address) }
            #expect(error?.code == EADDRINUSE)
            _ = try RawHTTPClient(unixPath: path)
            // Whoever has replaced the file keeps it.
            #expect(unlink(path) == 0)
            let next = try Listener(BoundSocket.bind(1, to: address)[0], on: loop)
            listener.close()
            _ = try RawHTTPClient(unixPath: path)
            next.close()
        }
        try directory.write("precious", to: "socket")
        let error = #expect(throws: SystemError.self) { try BoundSocket.bind(1, to: address) }
        #expect(error?.code == EADDRINUSE)
        #expect(access(path, F_OK) == 0)
    }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SupportError("no \(path)") }
        return status.st_mode
    }

    /// - Parameter count: how many bytes to read; nil: all to the end of the stream.
    private func readToEnd(_ transport: PlainTransport, count: Int? = nil) async throws -> String {
        var buffer = ReceiveBuffer(capacityMax: 100)
        while buffer.unread.count != count {
            switch transport.read(into: &buffer) {
            case .done: continue
            case .needsRead: _ = await transport.wait(for: .read)
            case .closed: return String(decoding: buffer.bytes[buffer.unread], as: UTF8.self)
            case .needsWrite: throw SupportError("a read that waits for a write")
            }
        }
        return String(decoding: buffer.bytes[buffer.unread], as: UTF8.self)
    }
}

extension Listener {
    /// The next connection's; nil where there are no more.
    fileprivate func transport(on loop: EventLoop) async throws -> PlainTransport? {
        guard let accepted = await accept() else { return nil }
        return try PlainTransport(accepted, on: loop)
    }
}
