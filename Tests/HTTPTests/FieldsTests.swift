import Testing

@testable import HTTP

struct FieldsTests {
    private let fields: Fields

    init() throws {
        let bytes = octets(
            message(
                "GET / HTTP/1.1", "X-One:  1\t", "x-ONE: 2", "Empty:", "UTF8: \u{C3}\u{A4}", "Latin: \u{E4}",
                "Authorization: Bearer secret"))
        guard case .head(let head) = parse(bytes) else {
            throw ProtocolError.malformedRequest
        }
        fields = head.fields
    }

    @Test func `order, duplicates and values are kept`() {
        #expect(fields.count == 7)
        #expect(fields.first("x-one") == "1")
        #expect(fields["X-ONE"] == "1")
        #expect(fields.values(named: "X-One") == ["1", "2"])
        #expect(fields.count(named: "x-One") == 2)
        #expect(fields["host"] == "h")
    }

    @Test func `an absent field and an empty one differ`() {
        #expect(fields["empty"] == "")
        #expect(fields["absent"] == nil)
        #expect(fields["x-on"] == nil)
        #expect(fields["x-one "] == nil)
        #expect(fields.values(named: "absent").isEmpty)
        #expect(fields.count(named: "absent") == 0)
    }

    @Test func `a value that is not UTF-8 is unreadable, not absent`() {
        #expect(fields["utf8"] == "\u{E4}")
        #expect(fields["latin"] == "\u{FFFD}")
    }

    @Test func `nothing secret is printed`() {
        let request = Request(method: .post, path: octets("/tasks/secret"), fields: fields, body: octets("secret"))
        let state = ConnectionState.Action.serve(request)
        for text in ["\(fields)", "\(request)", "\(state)", String(reflecting: request), String(reflecting: fields)] {
            #expect(!text.contains("secret") && !text.contains("115, 101, 99"), "\(text)")
        }
    }
}
