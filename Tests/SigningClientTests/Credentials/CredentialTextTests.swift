import Testing

@testable import SigningClient

/// The texts that sources read.
struct CredentialTextTests {
    @Test(
        arguments: [
            ("2026-11-21T08:00:00Z", 1_795_248_000), ("2026-11-21T08:00:00.999999Z", 1_795_248_000),
            ("2026-11-21T09:00:00+01:00", 1_795_248_000), ("2026-11-21T02:30:00-0530", 1_795_248_000),
            ("2026-11-21T08:00:00UTC", 1_795_248_000), ("2026-11-21t08:00:00z", 1_795_248_000),
            ("2026-11-21 08:00:00+00", 1_795_248_000), ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)])
    func `times`(text: String, seconds: Int64) {
        #expect(ISO8601.epochSeconds(text) == seconds)
    }

    @Test(arguments: [
        "", "soon", "2026-11-21", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T08:00:00Zx", "2026-11-21T08:00:00+1", "2026-11-21T08:00:00+24:00", "20261121T080000Z",
        "2026-11-21T08:00:00 CET", "+026-11-21T08:00:00Z", "２026-11-21T08:00:00Z",
    ])
    func `what is no time`(text: String) {
        #expect(ISO8601.epochSeconds(text) == nil)
    }

    @Test func `a time's text`() {
        #expect(ISO8601.text(epochSeconds: 1_795_248_000) == "2026-11-21T08:00:00Z")
        #expect(ISO8601.text(epochSeconds: .max) == "9999-12-31T23:59:59Z")
        #expect(ISO8601.text(epochSeconds: .min) == "1970-01-01T00:00:00Z")
    }

    @Test(
        arguments: [
            ("<A>x</A>", ["A": "x"]),
            ("<?xml version=\"1.0\"?>\n<A xmlns=\"u\">\n<B>1</B> <C/><D f='>'.></D></A>", nil),
            (
                "<?xml version=\"1.0\"?>\n<A xmlns=\"u\">\n<B>1</B> <C/><D ></D ></A>\n",
                ["A/B": "1", "A/C": "", "A/D": ""]
            ),
            ("<A>&lt;&amp;&gt;&quot;&apos;&#x41;&#66;</A>", ["A": "<&>\"'AB"]),
            ("<A><B><C>é</C></B></A>", ["A/B/C": "é"]),
        ] as [(String, [String: String]?)])
    func `elements and their texts`(document: String, texts: [String: String]?) {
        #expect(XMLLeaves(Array(document.utf8))?.texts == texts)
    }

    @Test(arguments: [
        "", "x", "<A>", "<A></B>", "<A><B></A></B>", "</A>", "<A>&nbsp;</A>", "<A>&#xD800;</A>", "<A>& </A>",
        "<A>x</A><B/>", "<A><B>1</B><B>2</B></A>", "<!DOCTYPE A [<!ENTITY e \"x\">]><A>&e;</A>", "<A><!-- c --></A>",
        "<A><![CDATA[x]]></A>", "<A", "<A>x", "<A>x</A", String(repeating: "<A>", count: 17),
    ])
    func `what is no answer`(document: String) {
        #expect(XMLLeaves(Array(document.utf8)) == nil)
    }

    @Test func `what is not UTF-8`() {
        #expect(XMLLeaves([0x3C, 0x41, 0x3E, 0xFF, 0x3C, 0x2F, 0x41, 0x3E]) == nil)
    }

    @Test func `percent-encoding`() {
        #expect(percentEncoded("aZ09-._~ +/=&é") == "aZ09-._~%20%2B%2F%3D%26%C3%A9")
    }
}
