import Testing

@testable import HTTP

/// What each of the 256 bytes is, in each place of a head that names the bytes it may have.
struct CharacterTests {
    private static let alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    @Test func `a path has pchar, slashes and percent signs (RFC 3986 §3.3)`() {
        // A question mark begins the query, and a query may have another.
        let allowed = Set(octets(Self.alphanumeric + "-._~!$&'()*+,;=:@/%?"))
        for byte in UInt8.min...(.max) {
            for before in [0, 1, 40] {
                let path = octets("/" + String(repeating: "a", count: before)) + [byte] + octets("b")
                let head = octets("GET ") + path + octets(" HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(isRead(head) == allowed.contains(byte), "\(byte) after \(before)")
            }
        }
    }

    @Test func `a field's value has visible characters, obs-text, spaces and tabs (RFC 9110 §5.5)`() {
        let allowed = Set(UInt8(0x20)...0x7E).union(0x80...0xFF).union([0x09])
        for byte in UInt8.min...(.max) {
            // Before, at and behind the places where several bytes are looked at in one go.
            for before in [1, 26, 27, 28, 58, 59, 60, 90] {
                let value = octets(String(repeating: "a", count: before)) + [byte] + octets("b")
                let head = octets("GET / HTTP/1.1\r\nHost: a\r\nX: ") + value + octets("\r\n\r\n")
                #expect(isRead(head) == allowed.contains(byte), "\(byte) after \(before)")
            }
        }
    }

    @Test func `a field's name is a token (RFC 9110 §5.6.2)`() {
        let allowed = Set(octets(Self.alphanumeric + "!#$%&'*+-.^_`|~"))
        for byte in UInt8.min...(.max) where byte != UInt8(ascii: ":") {
            let head = octets("GET / HTTP/1.1\r\nHost: a\r\nX") + [byte] + octets("Y: 1\r\n\r\n")
            #expect(isRead(head) == allowed.contains(byte), "\(byte)")
        }
    }

    @Test(arguments: Method.allCases)
    func `a method is known by its whole name`(_ method: Method) {
        #expect(parsedMethod(method.rawValue) == method)
        for name in [
            method.rawValue.lowercased(), String(method.rawValue.dropLast()), method.rawValue + "X",
            String(method.rawValue.dropLast()) + "X",
        ] { #expect(parsedMethod(name) == nil, "\(name)") }
    }

    private func isRead(_ bytes: [UInt8]) -> Bool {
        if case .head = parse(bytes, limits: Limits()) { true } else { false }
    }

    private func parsedMethod(_ name: String) -> Method? {
        let target = name == Method.options.rawValue ? "*" : "/"
        guard case .head(let head) = parse(octets("\(name) \(target) HTTP/1.1\r\nHost: a\r\n\r\n"), limits: Limits())
        else { return nil }
        return head.method
    }
}
