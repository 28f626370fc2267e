import Testing

@testable import HTTP

/// A list, and the peers in it and beside it.
struct TrustRow: Sendable, CustomTestStringConvertible {
    var list: String
    var inside: [String]
    var outside: [String]

    init(_ list: String, inside: [String], outside: [String]) {
        (self.list, self.inside, self.outside) = (list, inside, outside)
    }

    var testDescription: String { list }

    static let all = [
        TrustRow("192.0.2.1", inside: ["192.0.2.1", "::ffff:192.0.2.1"], outside: ["192.0.2.0", "192.0.2.2", "::1"]),
        TrustRow("10.0.0.0/8", inside: ["10.0.0.0", "10.255.255.255"], outside: ["9.255.255.255", "11.0.0.0"]),
        TrustRow("192.0.2.128/25", inside: ["192.0.2.128", "192.0.2.255"], outside: ["192.0.2.127"]),
        TrustRow("0.0.0.0/0", inside: ["0.0.0.0", "255.1.2.3"], outside: ["::1", "::fffe:1:1"]),
        TrustRow("::/0", inside: ["::1", "1.2.3.4"], outside: []),
        TrustRow("2001:db8::/32", inside: ["2001:db8::1"], outside: ["2001:db9::"]),
        TrustRow("2001:db8:0:0:8000::/65", inside: ["2001:db8::8000:0:0:0"], outside: ["2001:db8::7fff:0:0:0"]),
        TrustRow("::1/128 , 127.0.0.1\n10.1.0.0/16", inside: ["::1", "127.0.0.1", "10.1.2.3"], outside: ["10.2.0.0"]),
    ]
}

/// Who the client is, with 10.0.0.0/8 and 2001:db8::/32 trusted.
struct ForwardedRow: Sendable, CustomTestStringConvertible {
    var peer: String?
    var fields: [String]
    var client: String?

    init(_ peer: String?, _ fields: [String], _ client: String?) {
        (self.peer, self.fields, self.client) = (peer, fields, client)
    }

    var testDescription: String { "\(peer ?? "unix:") \(fields)" }

    static let all = [
        ForwardedRow("192.0.2.9", ["203.0.113.1"], "192.0.2.9"),
        ForwardedRow("10.0.0.1", [], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        ForwardedRow("10.0.0.1", ["198.51.100.7, 203.0.113.1"], "203.0.113.1"),
        ForwardedRow("10.0.0.1", ["198.51.100.7", "203.0.113.1 ,\t10.0.0.2"], "203.0.113.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1", "10.0.0.3,10.0.0.2"], "203.0.113.1"),
        ForwardedRow("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ForwardedRow("2001:db8::1", ["2001:DB9::5"], "2001:db9::5"),
        ForwardedRow("10.0.0.1", ["::ffff:203.0.113.1"], "203.0.113.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1:4711"], "203.0.113.1"),
        ForwardedRow("10.0.0.1", ["[2001:db9::5]"], "2001:db9::5"),
        ForwardedRow("10.0.0.1", ["[2001:db9::5]:4711"], "2001:db9::5"),
        // Whoever wrote what is no address may have let the client write all before it.
        ForwardedRow("10.0.0.1", ["203.0.113.1, unknown"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1, , 10.0.0.2"], "10.0.0.2"),
        ForwardedRow("10.0.0.1", [""], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1;"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1:"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1:x"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["203.0.113.1:123456"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["[203.0.113.1]"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["[::1"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["[]"], "10.0.0.1"),
        ForwardedRow("10.0.0.1", ["\u{FF}"], "10.0.0.1"),
        ForwardedRow(nil, ["203.0.113.1"], nil),
    ]
}

struct TrustedProxiesTests {
    @Test(arguments: TrustRow.all)
    func `a list has the addresses of its networks`(_ row: TrustRow) throws {
        let list = try #require(TrustedProxies(row.list))
        func contains(_ text: String) throws -> Bool {
            let address: IPAddress = try #require(IPAddress(text))
            return list.contains(address)
        }
        for text in row.inside { #expect(try contains(text), "\(text)") }
        for text in row.outside { #expect(try !contains(text), "\(text)") }
        #expect(!list.contains(nil))
        #expect(TrustedProxies(list.description) == list)
    }

    @Test(arguments: [
        "", " ,", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "::1/129", "2001:db8::1/32", "10.0.0.1;10.0.0.2", "10.0.0.1, x", "unix", "unix:/run/socket",
    ])
    func `anything else is refused`(_ text: String) {
        #expect(TrustedProxies(text) == nil)
    }

    @Test func `Unix sockets are in the list where it says so, and their clients forwarded`() throws {
        let list = try #require(TrustedProxies("unix:, 10.0.0.0/8"))
        #expect(list.contains(nil))
        #expect(list.description == "10.0.0.0/8, unix:")
        let fields = Fields.make(["X-Forwarded-For: 203.0.113.1, 10.0.0.2"])
        #expect(list.client(of: fields, peer: nil) == IPAddress("203.0.113.1"))
        #expect(list.client(of: Fields(), peer: nil) == nil)
    }

    @Test func `nobody is trusted by default`() {
        #expect(TrustedProxies().isEmpty)
        #expect(!TrustedProxies().contains(nil))
        #expect(!TrustedProxies().contains(IPAddress("127.0.0.1")))
    }

    @Test(arguments: ForwardedRow.all)
    func `the client is the nearest address that is no trusted proxy's`(_ row: ForwardedRow) throws {
        let list = try #require(TrustedProxies("10.0.0.0/8,2001:db8::/32"))
        let fields = Fields.make(row.fields.map { "x-forwarded-for: \($0)" })
        let peer = row.peer.flatMap(IPAddress.init)
        #expect(list.client(of: fields, peer: peer)?.description == row.client)

        var state = ConnectionState(clientAddress: row.peer, trustedProxies: list)
        let head = "GET / HTTP/1.1\r\nHost: h\r\n" + row.fields.map { "X-Forwarded-For: \($0)\r\n" }.joined() + "\r\n"
        guard case .serve(let request) = state.advance(octets(head)[...], at: .now).action else {
            Issue.record("not served")
            return
        }
        #expect(request.clientAddress == row.client)
    }

    @Test func `an address with a zone stays as it is`() throws {
        let list = try #require(TrustedProxies("unix:"))
        var state = ConnectionState(clientAddress: "fe80::1%eth0", trustedProxies: list)
        let bytes = octets(message("GET / HTTP/1.1", "X-Forwarded-For: 203.0.113.1"))
        guard case .serve(let request) = state.advance(bytes[...], at: .now).action else {
            Issue.record("not served")
            return
        }
        #expect(request.clientAddress == "fe80::1%eth0")
    }
}
