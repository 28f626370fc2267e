import Testing

@testable import HTTP

/// A connection and the buffer its owner would keep.
private struct Peer {
    var state: ConnectionState
    var unread: [UInt8] = []
    let now = ContinuousClock.Instant.now

    init(limits: Limits = Limits()) {
        state = ConnectionState(limits: limits, clientAddress: "192.0.2.1")
    }

    mutating func receive(_ text: String = "") -> ConnectionState.Action {
        unread += octets(text)
        let (bytes, now) = (unread, now)
        let (consumed, action) = state.advance(bytes[...], at: now)
        unread.removeFirst(consumed)
        return action
    }

    func served(
        _ method: Method = .get, _ path: String = "/", _ fields: String..., body: String = ""
    ) -> ConnectionState.Action {
        .serve(
            Request(
                method: method, path: octets(path), fields: .make(["Host: h"] + fields), body: octets(body),
                clientAddress: "192.0.2.1", receivedAt: now))
    }
}

/// What has come when nothing more does.
struct Interruption: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var atTimeout: ConnectionState.Action
    var atEnd: ConnectionState.Action

    private init(
        _ what: String, _ text: String, timeout: ConnectionState.Action = .reject(.requestTimeout),
        end: ConnectionState.Action = .reject(.malformedRequest)
    ) {
        (testDescription, self.text, atTimeout, atEnd) = (what, text, timeout, end)
    }

    static let all: [Interruption] = [
        .init("nothing", "", timeout: .close, end: .close),
        .init("an empty line", "\r\n", timeout: .close, end: .close),
        .init("one byte", "G"),
        .init("a request line", "GET / HTTP/1.1\r\n"),
        .init("half a body", post("Content-Length: 2", rest: "a")),
        .init("no chunk", post("Transfer-Encoding: chunked")),
        .init("all but the last CRLF", post("Transfer-Encoding: chunked", rest: "0\r\n")),
        .init("a whole request", message(), timeout: .close, end: .wait),
    ]
}

struct ConnectionStateTests {
    private var peer = Peer()

    // MARK: Requests

    @Test mutating func `a request is served and the connection persists`() {
        #expect(peer.receive(message()) == peer.served())
        #expect(peer.state.responseContext == ResponseContext(method: .get, closes: false))
        #expect(peer.state.responseSent() == .read)
        #expect(peer.state.responseContext == nil)
        #expect(peer.receive() == .read)
        #expect(peer.receive(message("HEAD /2 HTTP/1.1")) == peer.served(.head, "/2"))
        #expect(peer.state.responseContext == ResponseContext(method: .head, closes: false))
    }

    @Test mutating func `a request may come byte by byte`() {
        let text = post("Content-Length: 3", rest: "abc")
        for byte in text.unicodeScalars.dropLast() { #expect(peer.receive(String(byte)) == .read) }
        #expect(peer.receive("c") == peer.served(.post, "/", "Content-Length: 3", body: "abc"))
        #expect(peer.unread.isEmpty)
    }

    @Test mutating func `a chunked body is whole when it is served`() {
        #expect(peer.receive(post("Transfer-Encoding: chunked", rest: "3\r\nabc\r\n")) == .read)
        #expect(peer.unread.isEmpty)
        #expect(peer.receive("0\r\n\r\n") == peer.served(.post, "/", "Transfer-Encoding: chunked", body: "abc"))
    }

    @Test mutating func `pipelined requests are served one after another`() {
        let requests = message("GET /1 HTTP/1.1") + post("Content-Length: 2", rest: "ab") + message("GET /3 HTTP/1.1")
        #expect(peer.receive(requests) == peer.served(.get, "/1"))
        #expect(peer.receive() == .wait)
        #expect(peer.state.responseSent() == .read)
        #expect(peer.receive() == peer.served(.post, "/", "Content-Length: 2", body: "ab"))
        #expect(peer.state.responseSent() == .read)
        #expect(peer.receive() == peer.served(.get, "/3"))
        #expect(peer.unread.isEmpty)
    }

    @Test mutating func `close is honoured and what follows is not read`() {
        let requests = message("GET / HTTP/1.1", "Connection: close") + message()
        #expect(peer.receive(requests) == peer.served(.get, "/", "Connection: close"))
        #expect(peer.state.responseContext?.closes == true)
        #expect(peer.state.responseSent() == .close)
        #expect(peer.receive() == .close)
    }

    @Test mutating func `HTTP 1 0 closes unless it asks`() {
        #expect(
            peer.receive(message("GET / HTTP/1.0", "Connection: keep-alive"))
                == peer.served(.get, "/", "Connection: keep-alive"))
        #expect(peer.state.responseContext == ResponseContext(method: .get, minorVersion: 0, closes: false))
        #expect(peer.state.responseSent() == .read)
        #expect(peer.receive(message("GET / HTTP/1.0")) == peer.served())
        #expect(peer.state.responseSent() == .close)
    }

    @Test mutating func `an empty line after a body is passed over`() {
        #expect(
            peer.receive(post("Content-Length: 1", rest: "a\r\n"))
                == peer.served(.post, "/", "Content-Length: 1", body: "a"))
        #expect(peer.state.responseSent() == .read)
        #expect(peer.receive() == .read)
        #expect(peer.state.awaited == .idle)
        #expect(peer.receive(message()) == peer.served())
    }

    // MARK: Expect

    @Test mutating func `100 is sent once to a client that waits`() {
        guard case .sendContinue(let request) = peer.receive(post("Content-Length: 1", "Expect: 100-continue")) else {
            Issue.record("100 is not sent")
            return
        }
        #expect(.serve(request) == peer.served(.post, "/", "Content-Length: 1", "Expect: 100-continue"))
        #expect(peer.receive() == .read)
        #expect(peer.receive("a") == peer.served(.post, "/", "Content-Length: 1", "Expect: 100-continue", body: "a"))
    }

    @Test(arguments: [
        post("Content-Length: 2", "Expect: 100-continue", rest: "a"),
        post("Transfer-Encoding: chunked", "Expect: 100-continue", rest: "1"),
        message("POST / HTTP/1.0", "Content-Length: 2", "Expect: 100-continue"),
    ])
    mutating func `100 is not sent to one that does not wait`(_ text: String) {
        #expect(peer.receive(text) == .read)
        #expect(peer.receive() == .read)
    }

    @Test mutating func `a body that is not wanted is not read, and the connection ends`() {
        _ = peer.receive(post("Content-Length: 1", "Expect: 100-continue"))
        #expect(peer.state.declineBody() == peer.served(.post, "/", "Content-Length: 1", "Expect: 100-continue"))
        #expect(peer.state.responseContext == ResponseContext(method: .post, closes: true))
        #expect(peer.receive("a" + message()) == .wait)
        #expect(peer.state.responseSent() == .close)
        #expect(peer.receive() == .close)
    }

    @Test mutating func `there is no body to decline between requests`() {
        #expect(peer.state.declineBody() == .close)
    }

    @Test mutating func `100 is not sent where there is no body`() {
        #expect(peer.receive(post("Expect: 100-continue")) == peer.served(.post, "/", "Expect: 100-continue"))
    }

    @Test mutating func `100 is not sent for a body that is too large`() {
        #expect(peer.receive(post("Content-Length: 65537", "Expect: 100-continue")) == .reject(.contentTooLarge))
    }

    // MARK: Errors

    @Test(arguments: RefusedRequest.all)
    func `nothing after a bad head is answered`(_ row: RefusedRequest) {
        var peer = Peer(limits: row.limits)
        #expect(peer.receive(row.text) == .reject(row.error))
        #expect(peer.state.responseContext == ResponseContext(method: nil, closes: true))
        #expect(peer.receive(message()) == .wait)
        #expect(peer.state.responseSent() == .close)
        #expect(peer.receive(message()) == .close)
        #expect(peer.state.responseSent() == .close)
    }

    @Test mutating func `nothing after a bad body is answered`() {
        let text = message("HEAD / HTTP/1.1", "Transfer-Encoding: chunked", rest: "1\nx\r\n0\r\n\r\n") + message()
        #expect(peer.receive(text) == .reject(.malformedRequest))
        #expect(peer.state.responseContext == ResponseContext(method: .head, closes: true))
        #expect(peer.receive() == .wait)
        #expect(peer.state.responseSent() == .close)
        #expect(peer.receive() == .close)
    }

    @Test mutating func `the second request may be the bad one`() {
        #expect(peer.receive(message() + "\u{0}") == peer.served())
        #expect(peer.state.responseContext?.closes == false)
        #expect(peer.state.responseSent() == .read)
        #expect(peer.receive() == .reject(.malformedRequest))
    }

    // MARK: Ends and timeouts

    @Test mutating func `each wait has its own timeout`() {
        let limits = Limits()
        #expect(peer.state.awaited == .firstByte && peer.state.timeout == limits.firstByteTimeout)
        #expect(peer.receive("\r\n") == .read)
        #expect(peer.state.awaited == .firstByte)
        #expect(peer.receive("P") == .read)
        #expect(peer.state.awaited == .header && peer.state.timeout == limits.headerTimeout)
        #expect(peer.receive(String(post("Content-Length: 1").dropFirst())) == .read)
        #expect(peer.state.awaited == .body && peer.state.timeout == limits.bodyRateGrace)
        _ = peer.receive("a")
        #expect(peer.state.awaited == nil && peer.state.timeout == nil)
        #expect(peer.state.responseSent() == .read)
        #expect(peer.state.awaited == .idle && peer.state.timeout == limits.idleTimeout)
        #expect(peer.state.timedOut() == .close)
        #expect(peer.state.awaited == nil && peer.state.timeout == nil)
    }

    @Test(arguments: [
        (0, Duration.seconds(5)), (1024, .seconds(6)), (1536, .milliseconds(6500)), (25 * 1024, .seconds(30)),
        (60_000, .seconds(30)),
    ])
    func `a body has the more time the more of it has come`(_ count: Int, _ timeout: Duration) {
        var peer = Peer()
        for body in ["Content-Length: 65536", "Content-Length: 65535"] {
            #expect(peer.receive(post(body) + String(repeating: "a", count: count)) == .read)
            #expect(peer.state.timeout == timeout)
            _ = peer.receive(String(repeating: "a", count: 65535 - count + (body.hasSuffix("6") ? 1 : 0)))
            #expect(peer.state.responseSent() == .read)
        }
    }

    @Test func `the last request that a connection may bring is answered as the last`() {
        var limits = Limits()
        limits.requestsMax = 3
        var peer = Peer(limits: limits)
        for count in 1...3 {
            #expect(peer.receive(message()) == peer.served())
            #expect(peer.state.responseContext?.closes == (count == 3))
            #expect(peer.state.responseSent() == (count == 3 ? .close : .read))
        }
        #expect(peer.receive(message()) == .close)
    }

    @Test(arguments: Interruption.all)
    func `a timeout is answered where a request has begun`(_ row: Interruption) {
        var peer = Peer()
        _ = peer.receive(row.text)
        #expect(peer.state.timedOut() == row.atTimeout)
        #expect(peer.state.responseSent() == .close)
        #expect(peer.state.timedOut() == .close)
    }

    @Test(arguments: Interruption.all)
    func `the end of the stream ends the connection`(_ row: Interruption) {
        var peer = Peer()
        _ = peer.receive(row.text)
        #expect(peer.state.endOfStream() == row.atEnd)
        if row.atEnd != .close { #expect(peer.state.responseContext?.closes == true) }
        #expect(peer.state.responseSent() == .close)
        #expect(peer.state.endOfStream() == .close)
    }

    // MARK: Drain

    @Test mutating func `draining closes an idle connection`() {
        #expect(peer.receive(message()) == peer.served())
        #expect(peer.state.responseSent() == .read)
        #expect(peer.receive("\r\n") == .read)
        #expect(peer.state.drain() == .close)
        #expect(peer.state.drain() == .close)
    }

    @Test mutating func `draining leaves a new connection a moment for its request`() {
        #expect(peer.receive("\r\n") == .read)
        #expect(peer.state.drain() == .read)
        #expect(peer.state.timeout == Limits().drainFirstByteTimeout)
        #expect(peer.receive(message()) == peer.served())
        #expect(peer.state.responseContext?.closes == true)
    }

    @Test(arguments: ["G", "GET / HTTP/1.1\r\nHost: h\r\n"])
    mutating func `draining finishes a head`(_ begun: String) {
        #expect(peer.receive(begun) == .read)
        #expect(peer.state.drain() == .read)
        #expect(peer.receive(String(message().dropFirst(begun.count))) == peer.served())
        #expect(peer.state.responseContext?.closes == true)
        #expect(peer.state.responseSent() == .close)
    }

    @Test mutating func `draining finishes a body`() {
        #expect(peer.receive(post("Content-Length: 1")) == .read)
        #expect(peer.state.drain() == .read)
        #expect(peer.receive("a" + message()) == peer.served(.post, "/", "Content-Length: 1", body: "a"))
        #expect(peer.state.responseSent() == .close)
        #expect(peer.receive() == .close)
    }

    @Test mutating func `draining makes the response under way the last`() {
        #expect(peer.receive(message() + message()) == peer.served())
        #expect(peer.state.drain() == .wait)
        #expect(peer.state.responseContext == ResponseContext(method: .get, closes: true))
        #expect(peer.state.responseSent() == .close)
        #expect(peer.receive() == .close)
    }
}
