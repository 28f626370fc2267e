import Heartbeat

/// Connections' bytes by the thousand, the same ones from the same seed: messages after the grammar, some with parts
/// that it does not have, some broken afterwards.
struct MessageGenerator {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<(chance(4) ? 2 : 1) { bytes += message() }
        if chance(2) { bytes = mutated(bytes) }
        if chance(12) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
        return bytes
    }

    private mutating func message() -> [UInt8] {
        let method = pick(["GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"], odd: Self.oddMethods)
        let target = pick(Self.targets, odd: Self.oddTargets)
        let version = pick(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"], odd: Self.oddVersions)
        var lines = ["\(method) \(target) \(version)", "Host: \(pick(Self.hosts, odd: Self.oddHosts))"]
        if chance(40) { lines.removeLast() }
        for _ in 0..<Int.random(in: 0...2, using: &random) { lines.append(pick(Self.fields, odd: Self.oddFields)) }
        var body = ""
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let content = pick(["", "x", "hello", "{}", "GET / HTTP/1.1\r\n"], odd: ["\r\n", "\0"])
            let length = pick(["\(content.utf8.count)"], odd: Self.oddLengths)
            lines.append(
                "\(pick(["Content-Length", "content-length"], odd: ["Content-Length ", "Content-Length:"])): \(length)")
            body = content
        case 1:
            lines.append("Transfer-Encoding: \(pick(["chunked", "CHUNKED"], odd: Self.oddCodings))")
            body = chunks()
        default:
            break
        }
        let start = chance(20) ? "\r\n" : ""
        return octets(start + lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    private mutating func chunks() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let data = String(repeating: "a", count: Int.random(in: 1...20, using: &random))
            let size =
                pick(["", "0", "00"], odd: [" ", "+", "0x", "0000000000000000"]) + String(data.utf8.count, radix: 16)
            text +=
                size + pick(["", "", ";a", ";a=b", ";a=\"b\\\";\""], odd: Self.oddExtensions) + "\r\n" + data + "\r\n"
        }
        return text + "0\r\n" + pick(["", "", "X: y\r\n", "X:\r\nY: z\r\n"], odd: Self.oddTrailers) + "\r\n"
    }

    // MARK: Chances

    private mutating func chance(_ oneIn: Int) -> Bool {
        Int.random(in: 0..<oneIn, using: &random) == 0
    }

    private mutating func pick(_ usual: [String], odd: [String]) -> String {
        (chance(15) ? odd : usual).randomElement(using: &random) ?? ""
    }

    /// One to three bytes replaced, inserted or removed, or a stretch doubled.
    private mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            let byte = Self.awkward.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = byte
            case 1: bytes.insert(byte, at: index)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(contentsOf: bytes[index..<min(index + 20, bytes.count)], at: index)
            default: bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }
}

/// One scalar a byte.
private func octets(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8($0.value) }
}

extension MessageGenerator {
    private static let awkward = octets("\r\n\t :;,\0\u{0B}\u{7F}\u{80}\u{FF}/?#%[]\"\\0AFx@")
    private static let oddMethods = ["get", "BREW", "CONNECT", "PRI", "G@T", "GET ", ""]
    private static let targets = [
        "/", "/a/b?c=d", "/tasks/A%2F+b==/heartbeat", "*", "http://a.b:81/c?d", "HTTPS://[::1]", "http://a?b", "//x",
    ]
    private static let oddTargets = [
        "/a b", "/a#b", "/a\\b", "/\u{E4}", "ftp://a/", "http:///a", "http://u@a/", "http://a:b/", "a.b:443", "", "?a",
        "/{a}", "/\"", "http://[a]/", "http://a:65536/",
    ]
    private static let oddVersions = [
        "HTTP/2.0", "HTTP/1.2", "http/1.1", "HTTP/1.10", "HTTP/1", "HTTP/0.9", "ICY/1.1", "HTTP/1.1 ",
    ]
    private static let hosts = ["h", "a.b:8080", "[::1]:80", "a:"]
    private static let oddHosts = [
        "", "u@a", "a, b", "a/b", "[a.b]", "::1", "a:65536", "a%2", "\u{E4}.b", "h\r\nHost: h",
    ]
    private static let fields = [
        "X: a", "x:", "X:\t a \t", "X: \u{80}\u{FF}", "Connection: close", "Connection: keep-alive, X",
        "Connection: , close", "Expect: 100-continue", "Upgrade: websocket", "Cookie: a=b", "!#$%&'*+-.^_`|~: x",
    ]
    private static let oddFields = [
        "X : a", "X\t: a", " X: a", "X", ": a", "X Y: a", "X: a\r\n b", "X: a\0", "X: a\u{7F}", "X: a\u{0B}", "X: a\rb",
        "X: a\nY: b", "\u{E9}: a", "Expect: 100-continue, x", "Expect:", "Connection: a b", "Connection: \"close\"",
        "Content-Length: 5", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Host: h",
    ]
    private static let oddLengths = [
        "+5", "-1", "", "5, 5", "5,6", "0x5", "1 0", "5.0", "\u{0B}5", "00000000000000000005", "65537",
        "18446744073709551621", "5\r\nContent-Length: 5", "5\r\nContent-Length: 6",
    ]
    private static let oddCodings = [
        "gzip, chunked", "chunked, gzip", "identity", "xchunked", "chunked;a=b", "chunked, chunked", "\u{0B}chunked",
        "",
        "chunked,", "chunked\r\nTransfer-Encoding: chunked", "chunked\r\nContent-Length: 3", "\"chunked\"",
    ]
    private static let oddExtensions = [
        ";", ";=", ";a=", " ;a", ";a b", ";a=\"b", ";a=\"b\"c", ";a=\"\n\"", ";a=\"\\\n\"", ";a=\"\r\n\"", ";a\nb", " ",
        "\t", ";a=\"\0\"",
        ";\u{E4}",
    ]
    private static let oddTrailers = [
        "X\r\n", ": y\r\n", "X : y\r\n", "X: y\r\n z\r\n", "X: y\n", "X: \0\r\n", "X: y\rz\r\n",
    ]
}
