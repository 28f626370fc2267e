import Testing

@testable import HTTP

/// A PROXY header, and what it comes to.
struct ProxyHeaderRow: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    /// nil: bad.
    var client: String??

    static func good(_ what: String, _ bytes: [UInt8], _ client: String?) -> ProxyHeaderRow {
        ProxyHeaderRow(testDescription: what, bytes: bytes, client: .some(client))
    }

    static func bad(_ what: String, _ bytes: [UInt8]) -> ProxyHeaderRow {
        ProxyHeaderRow(testDescription: what, bytes: bytes, client: .none)
    }

    static func good(_ line: String, _ client: String?) -> ProxyHeaderRow {
        good(line, octets(line + "\r\n"), client)
    }

    static func bad(_ line: String) -> ProxyHeaderRow {
        bad(line, octets(line + "\r\n"))
    }

    /// - Parameter length: as announced; nil: as it is.
    static func version2(
        _ command: UInt8, _ family: UInt8, _ rest: [UInt8] = [], length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? rest.count
        return octets("\r\n\r\n\u{0}\r\nQUIT\n") + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
    }

    static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0x12, 0x34, 0, 80]
    static let ipv6 =
        [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 1, count: 16)
        + [0x12, 0x34, 0, 80]

    static let all: [ProxyHeaderRow] = [
        .good("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443", "192.0.2.1"),
        .good("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255"),
        .good("PROXY TCP4 192.0.2.1 198.51.100.1 0 0", "192.0.2.1"),
        .good("PROXY TCP6 2001:db8::1 ::1 56324 443", "2001:db8::1"),
        .good("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2", "192.0.2.1"),
        .good("PROXY UNKNOWN", nil),
        .good("PROXY UNKNOWN ffff:f... anything", nil),
        .good("the longest", octets("PROXY UNKNOWN ") + [UInt8](repeating: 0x61, count: 91) + octets("\r\n"), nil),
        .bad("one byte longer", octets("PROXY UNKNOWN ") + [UInt8](repeating: 0x61, count: 92) + octets("\r\n")),
        .bad("no end", octets("PROXY ") + [UInt8](repeating: 0x61, count: 200)),
        .bad("PROXY  TCP4 192.0.2.1 198.51.100.1 1 2"),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.1 1"),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.1 1 2 "),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3"),
        .bad("PROXY TCP4 192.0.2.1  1 2"),
        .bad("PROXY TCP4 192.0.2.256 198.51.100.1 1 2"),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.01 1 2"),
        .bad("PROXY TCP4 ::1 ::1 1 2"),
        .bad("PROXY TCP6 192.0.2.1 198.51.100.1 1 2"),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.1 65536 2"),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.1 01 2"),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.1 1 -2"),
        .bad("PROXY TCP4 192.0.2.1 198.51.100.1 1 "),
        .bad("PROXY UDP4 192.0.2.1 198.51.100.1 1 2"),
        .bad("PROXY tcp4 192.0.2.1 198.51.100.1 1 2"),
        .bad("proxy TCP4 192.0.2.1 198.51.100.1 1 2"),
        .bad("PROXY "),
        .bad("bare LF", octets("PROXY UNKNOWN\n")),
        .bad("nothing but the end", octets("PROXY \r\n")),
        .bad("GET / HTTP/1.1"),
        .bad("POST / HTTP/1.1"),
        .bad("an empty line and a request", octets("\r\nGET / HTTP/1.1\r\n")),
        .bad("TLS", [0x16, 3, 1, 0, 5]),

        .good("2: IPv4", version2(0x21, 0x11, ipv4), "192.0.2.1"),
        .good("2: IPv4 and more", version2(0x21, 0x11, ipv4 + [4, 0, 1, 0]), "192.0.2.1"),
        .good("2: IPv6", version2(0x21, 0x21, ipv6), "2001:db8::1"),
        .good("2: as long as allowed", version2(0x21, 0x11, ipv4 + [UInt8](repeating: 0, count: 4068)), "192.0.2.1"),
        .good("2: local", version2(0x20, 0x00), nil),
        .good("2: local with addresses", version2(0x20, 0x11, ipv4), nil),
        .good("2: unspecified", version2(0x21, 0x00, [1, 2, 3]), nil),
        .good("2: a Unix socket", version2(0x21, 0x31, [UInt8](repeating: 0x2F, count: 216)), nil),
        .bad("2: too long", version2(0x21, 0x11, ipv4, length: 4081)),
        .bad("2: too short for IPv4", version2(0x21, 0x11, ipv4, length: 11)),
        .bad("2: too short for IPv6", version2(0x21, 0x21, ipv6, length: 35)),
        .bad("2: datagrams", version2(0x21, 0x12, ipv4)),
        .bad("2: an unknown family", version2(0x21, 0x41, ipv4)),
        .bad("2: an unknown command", version2(0x22, 0x11, ipv4)),
        .bad("2: version 1", version2(0x11, 0x11, ipv4)),
        .bad("2: version 3", version2(0x31, 0x11, ipv4)),
    ]
}

struct ProxyHeaderTests {
    @Test(arguments: ProxyHeaderRow.all)
    func `a header says who the client is, wherever its bytes are cut`(_ row: ProxyHeaderRow) {
        let followed = row.bytes + octets("GET / HTTP/1.1\r\n")
        let expected: ProxyHeader.Result
        if let client = row.client {
            expected = .header(ProxyHeader(client: client.flatMap(IPAddress.init), length: row.bytes.count))
            for cut in 0..<row.bytes.count {
                #expect(ProxyHeader.parse(followed.span.extracting(0..<cut)) == .partial, "\(cut)")
            }
        } else {
            expected = .bad
        }
        #expect(ProxyHeader.parse(followed.span) == expected)
    }

    @Test func `whatever comes, an end is found`() {
        var generator = SeededGenerator(state: 7)
        for row in ProxyHeaderRow.all {
            for _ in 0..<200 {
                let bytes = row.bytes.mutated(by: &generator)
                let padded = bytes + [UInt8](repeating: 0x61, count: ProxyHeader.version2BytesMax)
                let result = ProxyHeader.parse(padded.span)
                #expect(result != .partial)
                if case .header(let header) = result { #expect(header.length <= ProxyHeader.version2BytesMax) }
                // What is refused early is refused still when more has come.
                if ProxyHeader.parse(bytes.span) == .bad { #expect(result == .bad) }
            }
        }
    }
}
