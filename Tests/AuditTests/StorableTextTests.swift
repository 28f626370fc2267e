import Testing

@testable import Audit

struct StorableTextTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let text: String
        let stored: String

        init(_ text: String, _ stored: String) {
            self.text = text
            self.stored = stored
        }

        var testDescription: String { "\(text.debugDescription) is stored as \(stored)" }
    }

    static let rows = [
        Row("", ""),
        Row("50% é😀", "50% é😀"),
        Row(#"C:\temp \u0041 \\"#, #"C:\temp \u0041 \\"#),
        Row("a\0b", #"a\u0000b"#),
        Row("\0\0", #"\u0000\u0000"#),
        Row(#"{"a":"\u0000"}"#, #"{"a":"\\u0000"}"#),
        Row("\\\0", #"\\\u0000"#),
        Row(#"\\u0000"#, #"\\\\u0000"#),
        Row("u0000", "u0000"),
        Row("\0u0000", #"\u0000u0000"#),
    ]

    @Test(arguments: rows)
    func `only what touches a U+0000 changes`(row: Row) {
        #expect(storable(row.text) == row.stored)
        #expect(Array(originalText(row.stored).utf8) == Array(row.text.utf8))
    }

    @Test func `no two texts are stored alike, and none with a zero byte`() {
        // All texts of up to four of these pieces.
        let pieces = ["\0", "\\", "u0000", "x"]
        var texts = [""]
        for _ in 0..<4 { texts += texts.flatMap { text in pieces.map { text + $0 } } }
        let distinct = Set(texts)
        let stored = Set(distinct.map { storable($0) })
        #expect(stored.count == distinct.count)
        #expect(!stored.contains { $0.utf8.contains(0) })
        for text in distinct {
            #expect(originalText(storable(text)) == text)
        }
    }
}
