import HTTP

/// Small enough for the fuzzer to reach.
private let limits: Limits = {
    var limits = Limits()
    (limits.requestLineBytesMax, limits.headerBytesMax, limits.headerCountMax) = (100, 200, 6)
    (limits.bodyBytesMax, limits.leadingEmptyLinesMax) = (1000, 2)
    return limits
}()

/// A head is read the same however it is cut, holds only what the grammar has, and is the same again once written out.
@Sendable func checkRequest(_ input: [UInt8]) throws(Violation) {
    let ways = waysToCut(input)
    let result = parse(input, ends: ways[0])
    for ends in ways.dropFirst() {
        let other = parse(input, ends: ends)
        try require(other == result, "cut at \(ends): \(other), not \(result)")
    }
    guard case .head(let head) = result else { return }
    try checkHead(head, of: input)
    var again = writtenOut(head)
    // What follows a head is not looked at.
    again += Array("\0\r\n\r\nGET".utf8)
    guard case .head(let same) = RequestParser(limits: limits).parsing(again) else {
        throw Violation(description: "refused once written out")
    }
    try require(
        same.method == head.method && same.path == head.path && same.framing == head.framing
            && same.keepAlive == head.keepAlive && same.expectsContinue == head.expectsContinue
            && lines(same) == lines(head),
        "another head once written out")
}

private func parse(_ input: [UInt8], ends: [Int]) -> RequestParser.Result {
    var parser = RequestParser(limits: limits)
    var result = RequestParser.Result.partial
    for end in ends where result == .partial {
        result = parser.parse(input[..<end])
    }
    return result
}

extension RequestParser {
    fileprivate func parsing(_ bytes: [UInt8]) -> Result {
        var parser = self
        return parser.parse(bytes[...])
    }
}

private func checkHead(_ head: RequestHead, of input: [UInt8]) throws(Violation) {
    let bytes = input[..<head.length]
    try require(bytes.suffix(4).elementsEqual("\r\n\r\n".utf8), "the head does not end with an empty line")
    for (index, byte) in bytes.enumerated() {
        try require(byte >= 0x20 && byte != 0x7F || [0x09, 0x0A, 0x0D].contains(byte), "a control character: \(byte)")
        if byte == 0x0A { try require(index > 0 && bytes[index - 1] == 0x0D, "a bare LF") }
        if byte == 0x0D { try require(index + 1 < head.length && bytes[index + 1] == 0x0A, "a bare CR") }
    }
    try require(head.path.count <= limits.requestLineBytesMax && !head.path.isEmpty, "the path's length")
    try require(head.path.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3F && $0 != 0x23 }, "the path's bytes")
    try require(head.fields.count <= limits.headerCountMax, "the number of fields")
    try require(head.fields.count(named: "host") == 1 || head.minorVersion == 0, "not one Host")
    let lengths = head.fields.values(named: "content-length")
    let codings = head.fields.count(named: "transfer-encoding")
    switch head.framing {
    case .none: try require(lengths.isEmpty && codings == 0, "framing passed over")
    case .length(let length):
        try require(lengths.count == 1 && codings == 0 && lengths.first.flatMap { Int($0) } == length, "length")
        try require((0...limits.bodyBytesMax).contains(length), "length beyond its limit")
    case .chunked: try require(lengths.isEmpty && codings > 0 && head.minorVersion == 1, "chunked")
    }
}

private func writtenOut(_ head: RequestHead) -> [UInt8] {
    var bytes = Array("\(head.method.rawValue) ".utf8) + head.path + Array(" HTTP/1.\(head.minorVersion)\r\n".utf8)
    for line in lines(head) { bytes += line.name + [UInt8(ascii: ":")] + line.value + Array("\r\n".utf8) }
    return bytes + Array("\r\n".utf8)
}

private struct Line: Equatable {
    var name: [UInt8]
    var value: [UInt8]
}

private func lines(_ head: RequestHead) -> [Line] {
    head.fields.entries.map {
        Line(name: Array(head.fields.bytes[$0.name]), value: Array(head.fields.bytes[$0.value]))
    }
}
