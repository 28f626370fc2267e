import HTTP

private let limits: Limits = {
    var limits = Limits()
    (limits.bodyBytesMax, limits.chunkLineBytesMax) = (100, 40)
    (limits.chunkExtensionBytesMax, limits.trailerBytesMax) = (60, 60)
    return limits
}()

/// A chunked body decodes the same however it is cut, within its limits, and what comes of it can be sent again.
@Sendable func checkChunked(_ input: [UInt8]) throws(Violation) {
    let ways = waysToCut(input)
    let result = decode(input, ends: ways[0])
    for ends in ways.dropFirst() {
        try require(decode(input, ends: ends) == result, "cut at \(ends), it is another body")
    }
    try require(result.body.count <= limits.bodyBytesMax, "a body of \(result.body.count) bytes")
    try require(result.body.count <= result.used && result.used <= input.count, "\(result.used) bytes used")
    guard result.progress == .done else {
        try require(result.progress != .partial || result.used == input.count, "bytes left, and more wanted")
        return
    }
    try require(input[..<result.used].suffix(4).elementsEqual("\r\n\r\n".utf8), "no empty line at the end")
    // The same bytes, and a request behind them, belong to the same body.
    let longer = decode(input[..<result.used] + Array("0\r\n\r\n".utf8), ends: nil)
    try require(longer == result, "what follows changes the body")
    let size = result.body.isEmpty ? "" : String(result.body.count, radix: 16) + "\r\n"
    let again = Array(size.utf8) + result.body + Array((size.isEmpty ? "" : "\r\n").utf8) + Array("0\r\n\r\n".utf8)
    try require(decode(again, ends: nil).body == result.body, "another body once sent again")
}

private struct Decoded: Equatable {
    var used: Int
    var progress: BodyProgress
    var body: [UInt8]
}

private func decode(_ input: [UInt8], ends: [Int]?) -> Decoded {
    var decoder = ChunkedDecoder(limits: limits)
    var result = Decoded(used: 0, progress: .partial, body: [])
    for end in ends ?? [input.count] where result.progress == .partial {
        let (used, progress) = decoder.decode(input.span.extracting(result.used..<end), into: &result.body)
        result.used += used
        result.progress = progress
    }
    return result
}
