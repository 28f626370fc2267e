import AWSConfiguration
import Testing

struct EndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:8081", "127.0.0.1:8081"), ("http://localhost", "localhost"), ("http://a.b/", "a.b"),
        ("https://a_b-c.example:8443/", "a_b-c.example:8443"), ("https://a:443", "a"), ("http://a:80/", "a"),
        ("https://a:80", "a:80"), ("http://a:443", "a:443"), ("HTTPS://A.example", "A.example"),
        ("http://[::1]:1", "[::1]:1"), ("http://[fe80::1.2.3.4]", "[fe80::1.2.3.4]"), ("http://a:65535", "a:65535"),
    ])
    func `a URL that names a server`(url: String, host: String) {
        #expect(Endpoint(url: url)?.host == host)
    }

    @Test(arguments: [
        "", "a", "a:80", "//a", "ftp://a", "http:/a", "http://", "http:///", "http://:80", "http://a:", "http://a:0",
        "http://a:65536", "http://a:+80", "http://a:-1", "http://a:8o", "http://a: 80", "http://a/b", "http://a//",
        "http://a?b", "http://a#b", "http://u@a", "http://u:p@a", "http://a b", "http://a\n", "http://a\r\nX: y",
        "http://é", "http://[]", "http://[::1", "http://[::1]x", "http://[::1]:", "http://[ｆ::1]", "http://::1",
        "http://a:８０", "http://a,b", "http://a%20b", " http://a",
    ])
    func `anything else`(url: String) {
        #expect(Endpoint(url: url) == nil)
    }
}
