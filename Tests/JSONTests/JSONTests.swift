import JSON
import Testing

private struct AcceptedRow: NamedRow {
    let name: String
    let members: [JSONMember]

    init(_ text: String, _ members: KeyValuePairs<String, JSONValue>) {
        name = text
        self.members = members.map { JSONMember(name: $0.key, value: $0.value) }
    }

    static let all: [AcceptedRow] = [
        AcceptedRow("{}", [:]),
        AcceptedRow(" \t\r\n{ \t\r\n} \t\r\n", [:]),
        AcceptedRow(#"{"a":"b"}"#, ["a": .string("b")]),
        AcceptedRow(#" { "a" : "b" , "c" : true } "#, ["a": .string("b"), "c": .bool(true)]),
        AcceptedRow(#"{"cancelRequested":false}"#, ["cancelRequested": .bool(false)]),
        AcceptedRow(#"{"cancelRequested": true}"#, ["cancelRequested": .bool(true)]),
        AcceptedRow(#"{"a":null}"#, ["a": .null]),
        AcceptedRow(#"{"":""}"#, ["": .string("")]),
        AcceptedRow(#"{"b":"1","a":"2"}"#, ["b": .string("1"), "a": .string("2")]),
        AcceptedRow(#"{"\u0061":"b"}"#, ["a": .string("b")]),
        AcceptedRow(#"{"a":"\"\\\/\b\f\n\r\t"}"#, ["a": .string("\"\\/\u{8}\u{C}\n\r\t")]),
        AcceptedRow(#"{"a":"\u00e9\u00E9é"}"#, ["a": .string("ééé")]),
        AcceptedRow(#"{"a":"\ud83d\uDE00😀"}"#, ["a": .string("😀😀")]),
        AcceptedRow(#"{"a":"\u0000\u001f"}"#, ["a": .string("\u{0}\u{1F}")]),
        AcceptedRow("{\"a\":\"\u{7F}\u{85}\u{FEFF}\u{10FFFF}\"}", ["a": .string("\u{7F}\u{85}\u{FEFF}\u{10FFFF}")]),
        AcceptedRow(#"{"a":"[{\"}]:,"}"#, ["a": .string(#"[{"}]:,"#)]),
        AcceptedRow(#"{"a":0}"#, ["a": .other(compact: "0")]),
        AcceptedRow(#"{"a":-0}"#, ["a": .other(compact: "-0")]),
        AcceptedRow(#"{"a":10}"#, ["a": .other(compact: "10")]),
        AcceptedRow(#"{"a":-1.50e+07}"#, ["a": .other(compact: "-1.50e+07")]),
        AcceptedRow(#"{"a":1E400}"#, ["a": .other(compact: "1E400")]),
        AcceptedRow(#"{"a":0.1e-2 }"#, ["a": .other(compact: "0.1e-2")]),
        AcceptedRow(#"{"a":12345678901234567890123}"#, ["a": .other(compact: "12345678901234567890123")]),
        AcceptedRow(#"{"a":[]}"#, ["a": .other(compact: "[]")]),
        AcceptedRow(#"{"a":[ ]}"#, ["a": .other(compact: "[]")]),
        AcceptedRow(#"{"a":{ }}"#, ["a": .other(compact: "{}")]),
        AcceptedRow(
            #"{"a": { "x" : [ 1 , 2.0 , "a b \" c\\" , null , true,false ] } , "z":1}"#,
            [
                "a": .other(compact: #"{"x":[1,2.0,"a b \" c\\",null,true,false]}"#),
                "z": .other(compact: "1"),
            ]),
        AcceptedRow(#"{"a":["\u0041\/"]}"#, ["a": .other(compact: #"["\u0041\/"]"#)]),
        AcceptedRow(#"{"a":[{"x":1},{"x":1}]}"#, ["a": .other(compact: #"[{"x":1},{"x":1}]"#)]),
        AcceptedRow(#"{"a":{"a":1}}"#, ["a": .other(compact: #"{"a":1}"#)]),
        // Equal only after normalisation, and so different names.
        AcceptedRow("{\"\u{E9}\":true,\"e\u{301}\":false}", ["\u{E9}": .bool(true), "e\u{301}": .bool(false)]),
    ]
}

private struct RefusedRow: NamedRow {
    let bytes: [UInt8]
    let reason: JSONError.Reason
    let offset: Int

    init(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        self.init(bytes: Array(text.utf8), reason, offset)
    }

    init(bytes: [UInt8], _ reason: JSONError.Reason, _ offset: Int) {
        self.bytes = bytes
        self.reason = reason
        self.offset = offset
    }

    var name: String { "\(String(decoding: bytes, as: UTF8.self)): \(reason)" }

    static let structure: [RefusedRow] = [
        RefusedRow("", .unexpectedEnd, 0),
        RefusedRow("  ", .unexpectedEnd, 2),
        RefusedRow("\u{FEFF}{}", .byteOrderMark, 0),
        RefusedRow("[]", .notAnObject, 0),
        RefusedRow(#""a""#, .notAnObject, 0),
        RefusedRow("null", .notAnObject, 0),
        RefusedRow("{", .unexpectedEnd, 1),
        RefusedRow(#"{"a"#, .unexpectedEnd, 3),
        RefusedRow(#"{"a""#, .unexpectedEnd, 4),
        RefusedRow(#"{"a":"#, .unexpectedEnd, 5),
        RefusedRow(#"{"a":tru"#, .unexpectedEnd, 8),
        RefusedRow(#"{"a":1"#, .unexpectedEnd, 6),
        RefusedRow(#"{"a":1,"#, .unexpectedEnd, 7),
        RefusedRow(#"{"a":["#, .unexpectedEnd, 6),
        RefusedRow(#"{"a":[1"#, .unexpectedEnd, 7),
        RefusedRow("{}{}", .trailingBytes, 2),
        RefusedRow("{} x", .trailingBytes, 3),
        RefusedRow("{}\u{0}", .trailingBytes, 2),
        RefusedRow("{}]", .trailingBytes, 2),
        RefusedRow(#"{"a":1,}"#, .nameExpected, 7),
        RefusedRow(#"{,"a":1}"#, .nameExpected, 1),
        RefusedRow("{a:1}", .nameExpected, 1),
        RefusedRow("{'a':1}", .nameExpected, 1),
        RefusedRow("{1:1}", .nameExpected, 1),
        RefusedRow("{/**/}", .nameExpected, 1),
        RefusedRow(#"{"a" 1}"#, .colonExpected, 5),
        RefusedRow(#"{"a"}"#, .colonExpected, 4),
        RefusedRow(#"{"a"::1}"#, .valueExpected, 5),
        RefusedRow(#"{"a":1 "b":2}"#, .commaExpected, 7),
        RefusedRow(#"{"a":1]"#, .commaExpected, 6),
        RefusedRow(#"{"a":}"#, .valueExpected, 5),
        RefusedRow(#"{"a":b}"#, .valueExpected, 5),
        RefusedRow(#"{"a":True}"#, .valueExpected, 5),
        RefusedRow(#"{"a":trux}"#, .valueExpected, 8),
        RefusedRow(#"{"a":nullx}"#, .commaExpected, 9),
        RefusedRow(#"{"a":NaN}"#, .valueExpected, 5),
        RefusedRow(#"{"a":[1,]}"#, .valueExpected, 8),
        RefusedRow(#"{"a":[,1]}"#, .valueExpected, 6),
        RefusedRow(#"{"a":[1 2]}"#, .commaExpected, 8),
        RefusedRow(#"{"a":[1}}"#, .commaExpected, 7),
        RefusedRow("{\"a\":\u{B}1}", .valueExpected, 5),
        RefusedRow("{\u{A0}\"a\":1}", .nameExpected, 1),
    ]

    static let tokens: [RefusedRow] = [
        RefusedRow(#"{"a":01}"#, .invalidNumber, 6),
        RefusedRow(#"{"a":-01}"#, .invalidNumber, 7),
        RefusedRow(#"{"a":-}"#, .invalidNumber, 6),
        RefusedRow(#"{"a":+1}"#, .valueExpected, 5),
        RefusedRow(#"{"a":.5}"#, .valueExpected, 5),
        RefusedRow(#"{"a":1.}"#, .invalidNumber, 7),
        RefusedRow(#"{"a":1.e1}"#, .invalidNumber, 7),
        RefusedRow(#"{"a":1e}"#, .invalidNumber, 7),
        RefusedRow(#"{"a":1e+}"#, .invalidNumber, 8),
        RefusedRow(#"{"a":1e+-1}"#, .invalidNumber, 8),
        RefusedRow(#"{"a":0x10}"#, .commaExpected, 6),
        RefusedRow(#"{"a":-Infinity}"#, .invalidNumber, 6),
        RefusedRow("{\"a\":\"\n\"}", .controlCharacter, 6),
        RefusedRow("{\"a\":\"\u{0}\"}", .controlCharacter, 6),
        RefusedRow("{\"a\":[\"x\t\"]}", .controlCharacter, 8),
        RefusedRow("{\"a\u{1F}\":1}", .controlCharacter, 3),
        RefusedRow(#"{"a":"\x"}"#, .invalidEscape, 6),
        RefusedRow(#"{"a":"b\'"}"#, .invalidEscape, 7),
        RefusedRow(#"{"a":"\U0041"}"#, .invalidEscape, 6),
        RefusedRow(#"{"a":"\u00g0"}"#, .invalidEscape, 6),
        RefusedRow(#"{"a":"\u12"}"#, .invalidEscape, 6),
        RefusedRow(#"{"a":"\u+123"}"#, .invalidEscape, 6),
        RefusedRow(#"{"a":"\u12"#, .unexpectedEnd, 10),
        RefusedRow(#"{"a":"\"#, .unexpectedEnd, 7),
        RefusedRow(#"{"a":"\"}"#, .unexpectedEnd, 9),
        RefusedRow(#"{"a":"\ud800"}"#, .loneSurrogate, 6),
        RefusedRow(#"{"a":"\udc00"}"#, .loneSurrogate, 6),
        RefusedRow(#"{"a":"\ud800\ud800"}"#, .loneSurrogate, 6),
        RefusedRow(#"{"a":"\udc00\ud800"}"#, .loneSurrogate, 6),
        RefusedRow(#"{"a":"\ud800x"}"#, .loneSurrogate, 6),
        RefusedRow(#"{"a":"\ud800\n"}"#, .loneSurrogate, 6),
        RefusedRow(#"{"a":["\ud800"]}"#, .loneSurrogate, 7),
        RefusedRow(bytes: [0xFF], .invalidUTF8, 0),
        RefusedRow(bytes: Array(#"{"a":""#.utf8) + [0x80] + Array(#""}"#.utf8), .invalidUTF8, 6),
        RefusedRow(bytes: Array(#"{"a":""#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8), .invalidUTF8, 6),
        RefusedRow(bytes: Array(#"{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8), .invalidUTF8, 6),
        RefusedRow(bytes: Array(#"{"a":""#.utf8) + [0xF4, 0x90, 0x80, 0x80] + Array(#""}"#.utf8), .invalidUTF8, 6),
        RefusedRow(bytes: Array(#"{"a":"é"#.utf8) + [0xE2, 0x82] + Array(#""}"#.utf8), .invalidUTF8, 8),
        RefusedRow(bytes: [0xFE, 0xFF, 0, 0x7B, 0, 0x7D], .invalidUTF8, 0),
        RefusedRow(bytes: [0x7B, 0, 0x7D, 0], .nameExpected, 1),
    ]

    static let duplicates: [RefusedRow] = [
        RefusedRow(#"{"a":1,"a":1}"#, .duplicateMember("a"), 7),
        RefusedRow(#"{"a":1,"b":2,"a":3}"#, .duplicateMember("a"), 13),
        RefusedRow(#"{"a":1,"\u0061":2}"#, .duplicateMember("a"), 7),
        RefusedRow(#"{"":1,"":2}"#, .duplicateMember(""), 6),
        RefusedRow(#"{"x":{"a":1,"a":2}}"#, .duplicateMember("a"), 12),
        RefusedRow(#"{"x":[[{"a":1,"a":2}]]}"#, .duplicateMember("a"), 14),
    ]
}

@Suite struct JSONTests {
    @Test(arguments: AcceptedRow.all)
    private func `a valid object gives its members`(row: AcceptedRow) throws {
        #expect(try JSON.members(of: Array(row.name.utf8)) == row.members)
    }

    @Test(arguments: RefusedRow.structure + RefusedRow.tokens + RefusedRow.duplicates)
    private func `anything else is refused where it goes wrong`(row: RefusedRow) {
        #expect(throws: JSONError(reason: row.reason, offset: row.offset)) { try JSON.members(of: row.bytes) }
    }

    @Test(arguments: AcceptedRow.all)
    private func `no proper prefix of an object is an object`(row: AcceptedRow) throws {
        let bytes = Array(row.name.utf8)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for length in 0..<end {
            #expect(throws: JSONError.self) { try JSON.members(of: Array(bytes[..<length])) }
        }
    }

    @Test func `values nest 32 deep and no deeper`() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            let inner = String(repeating: open, count: depth - 1) + "1" + String(repeating: close, count: depth - 1)
            return Array("{\"a\":\(inner)}".utf8)
        }
        #expect(try JSON.members(of: nested(32, "[", "]")).count == 1)
        #expect(try JSON.members(of: nested(32, "{\"b\":", "}")).count == 1)
        #expect(throws: JSONError(reason: .tooDeep, offset: 5 + 31)) { try JSON.members(of: nested(33, "[", "]")) }
        #expect(throws: JSONError.self) { try JSON.members(of: nested(33, "{\"b\":", "}")) }
        let abyss = Array("{\"a\":".utf8) + Array(repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: JSONError(reason: .tooDeep, offset: 5 + 31)) { try JSON.members(of: abyss) }
    }

    @Test(
        arguments: [
            ("[]", []), (" [ ] ", []), ("[1]", [.other(compact: "1")]),
            (
                #"["a", true,null ,[1, 2],{"b" : "c"}]"#,
                [
                    .string("a"), .bool(true), .null, .other(compact: "[1,2]"), .other(compact: #"{"b":"c"}"#),
                ]
            ),
        ] as [(String, [JSONValue])])
    func `an array has its elements`(text: String, elements: [JSONValue]) throws {
        #expect(try JSON.elements(of: Array(text.utf8)) == elements)
    }

    @Test(
        arguments: [
            ("{}", .notAnArray, 0), ("1", .notAnArray, 0), ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,]", .valueExpected, 3), ("[,1]", .valueExpected, 1), ("[1 2]", .commaExpected, 3),
            ("[1]]", .trailingBytes, 3), (#"[{"a":1,"a":2}]"#, .duplicateMember("a"), 8),
        ] as [(String, JSONError.Reason, Int)])
    func `what is no array is refused`(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(throws: JSONError(reason: reason, offset: offset)) { try JSON.elements(of: Array(text.utf8)) }
    }

    @Test func `an error says what to change and where, and quotes no values`() {
        let duplicate = JSONError(reason: .duplicateMember("a\"b"), offset: 7)
        #expect(duplicate.description == #"give the member "a\"b" only once (at byte 7)"#)
        let long = JSONError(reason: .duplicateMember(String(repeating: "n", count: 65)), offset: 0)
        #expect(long.description.contains("\"" + String(repeating: "n", count: 64) + "…\""))
        let error = #expect(throws: JSONError.self) {
            try JSON.members(of: Array(#"{"taskToken":"secret" x"#.utf8))
        }
        #expect(error?.description == "a comma or the closing bracket is expected (at byte 22)")
    }

    @Test(arguments: [
        ("", #""""#), ("a", #""a""#), ("\"\\/", #""\"\\/""#),
        ("\u{0}\n\u{1F}\u{7F}", "\"\\u0000\\u000a\\u001f\u{7F}\""),
        ("é😀\u{2028}", "\"é😀\u{2028}\""),
    ])
    func `a quoted string reads back as itself`(text: String, quoted: String) throws {
        #expect(JSON.quoted(text) == quoted)
        let document = Array("{\"a\":\(JSON.quoted(text))}".utf8)
        #expect(try JSON.members(of: document) == [JSONMember(name: "a", value: .string(text))])
    }
}

/// One line of a table; a failure is reported under its name.
private protocol NamedRow: Sendable, CustomTestStringConvertible {
    var name: String { get }
}

extension NamedRow {
    var testDescription: String { name }
}
