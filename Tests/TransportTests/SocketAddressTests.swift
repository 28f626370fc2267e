import Testing
import Transport

@Suite
struct SocketAddressTests {
    @Test(arguments: [
        ("0.0.0.0:8080", "0.0.0.0:8080", 8080),
        ("127.0.0.1:0", "127.0.0.1:0", 0),
        ("192.0.2.1:65535", "192.0.2.1:65535", 65535),
        ("[::]:8080", "[::]:8080", 8080),
        ("[::1]:1", "[::1]:1", 1),
        ("[2001:DB8:0:0::1]:80", "[2001:db8::1]:80", 80),
        ("[0:0:0:0:0:0:0:0]:80", "[::]:80", 80),
        ("unix:/run/socket", "unix:/run/socket", 0),
        ("unix:/" + String(repeating: "a", count: 106), "unix:/" + String(repeating: "a", count: 106), 0),
    ])
    func `an address is read and written in its usual form`(_ text: String, _ form: String, _ port: UInt16) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == form)
        #expect(address.port == port)
        #expect(SocketAddress(form) == address)
    }

    @Test(arguments: [
        "", ":", ":8080", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80",
        "127.0.0.1:8 ", "127.0.0.1:http", "127.0.0.1:٨", " 127.0.0.1:80", "localhost:8080", "example.org:80",
        "*:8080", "127.1:80", "1:80", "0x7f.0.0.1:80", "127.0.0.01:80", "256.0.0.1:80", "[127.0.0.1]:80", "::1:80",
        "::1", "[::1]", "[::1]80", "[::1:80", "::1]:80", "[]:80", "[[::1]]:80", "[::g]:80", "unix:", "unix:socket",
        "unix:./socket", "unix:/run/", "unix:/run/\u{0}socket", "UNIX:/run/socket", "/run/socket",
        "unix:/" + String(repeating: "a", count: 107),
    ])
    func `anything else is refused`(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test(arguments: [
        ("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80"),
        ("[2001:db8::1]:80", "[2001:db8::1]:80"), ("unix:/run/socket", "unix:/run/socket"),
    ])
    func `a listener at all addresses is reached at the loopback`(_ text: String, _ reachable: String) throws {
        #expect(try #require(SocketAddress(text)).reachable.description == reachable)
    }
}
