import Testing

@testable import OperatorPage

struct TextsTests {
    @Test(arguments: [
        ("plain", "plain"), ("<b>", "&lt;b&gt;"), ("a & b", "a &amp; b"), ("\"'", "&quot;&#39;"),
        ("ä→日本", "ä→日本"), ("a\u{202E}b\u{0}", "a\u{FFFD}b\u{FFFD}"), ("a\r\n\tb", "a   b"),
        ("<\u{301}script>", "&lt;\u{301}script&gt;"),
    ])
    func `markup is none, and nothing is unseen`(_ text: String, _ html: String) {
        #expect(Array(Texts.escaped(text).unicodeScalars) == Array(html.unicodeScalars))
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12_345, "-12,345"),
    ])
    func `counts`(_ value: Int, _ text: String) {
        #expect(Texts.count(value) == text)
    }

    @Test(arguments: [(0, "0"), (0.04, "0.0"), (3.14, "3.1"), (99.94, "99.9"), (99.95, "100"), (12_345.6, "12,346")])
    func `rates`(_ value: Double, _ text: String) {
        #expect(Texts.rate(value) == text)
    }

    @Test(arguments: [
        (0, "0 %"), (0.0001, "< 0.1 %"), (0.125, "12.5 %"), (0.9999, "> 99.9 %"), (1, "100 %"),
    ])
    func `shares`(_ share: Double, _ text: String) {
        #expect(Texts.percent(share) == text)
    }

    @Test(
        arguments: [
            (0.00042, "0.4\u{A0}ms"), (0.0123, "12\u{A0}ms"), (0.9994, "999\u{A0}ms"), (0.9996, "1.0\u{A0}s"),
            (61.25, "61.3\u{A0}s"),
            (nil, "–"),
        ] as [(Double?, String)])
    func `latencies`(_ seconds: Double?, _ text: String) {
        #expect(Texts.latency(seconds) == text)
    }

    @Test(arguments: [
        (0.9, "0 s"), (59, "59 s"), (185, "3 min 5 s"), (7200, "2 h 0 min"), (349_200, "4 d 1 h"),
    ])
    func `times`(_ seconds: Double, _ text: String) {
        #expect(Texts.time(.seconds(seconds)) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1 << 30, "1 GiB"), (5 << 40, "5 TiB"),
    ])
    func `sizes`(_ bytes: Int, _ text: String) {
        #expect(Texts.bytes(bytes) == text)
    }
}
