import Testing

@testable import Authentication

@Suite struct CallerNameTests {
    @Test(arguments: ["a", "!", "~", "a#", "worker-1", String(repeating: "n", count: 128)])
    func `names`(name: String) {
        #expect(CallerName.isValid(name))
    }

    @Test(arguments: [
        "", " ", "#a", "a b", "a\tb", "a:b", ":", "a\0", "\u{7f}", "é", "\u{212a}", String(repeating: "n", count: 129),
    ])
    func `what is none, for keys, certificates and the table alike`(name: String) {
        #expect(!CallerName.isValid(name))
        // Or a comment, of no key.
        #expect((try? StaticKeys("\(name):\(String(repeating: "0", count: 64))"))?.entries.isEmpty ?? true)
        #expect(throws: ClientMapFaults.self) { try ClientMap("dns:a.example \(name)") }
        let fields = ["0a1B2c3D", name, String(repeating: "0", count: 64), "1", nil, nil, "heartbeat", nil, ""]
        #expect(StoredKey(fields) == nil)
    }
}
