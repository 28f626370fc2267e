import Testing

@testable import Authentication

@Suite struct Base64URLTests {
    @Test(
        arguments: [
            ("", []), ("AA", [0]), ("_w", [0xff]), ("AAA", [0, 0]), ("-_8", [0xfb, 0xff]), ("AAAA", [0, 0, 0]),
            ("Zm9vYmFy", Array("foobar".utf8)), ("Zm9vYmE", Array("fooba".utf8)), ("Zm9vYg", Array("foob".utf8)),
        ] as [(String, [UInt8])])
    func `what encoders make`(text: String, bytes: [UInt8]) {
        #expect(Base64URL.decode(text.utf8) == bytes)
    }

    @Test(arguments: [
        "A", "AAAAA", "AA==", "AAA=", "=", "A A", " AA", "AA ", "AA\n", "A+", "A/", "AB", "AP", "AAB", "AAD", "Zm9vYmG",
        "é",
        "A\0",
    ])
    func `what they do not make`(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
