import HTTP

/// Small enough for the fuzzer to reach.
private let limits: Limits = {
    var limits = Limits()
    (limits.requestLineBytesMax, limits.headerBytesMax, limits.headerCountMax) = (60, 200, 6)
    (limits.bodyBytesMax, limits.chunkLineBytesMax) = (100, 40)
    (limits.chunkExtensionBytesMax, limits.trailerBytesMax) = (60, 60)
    return limits
}()

/// A response is read the same however it is cut, within its limits, and is the same again once written out.
@Sendable func checkResponse(_ input: [UInt8]) throws(Violation) {
    let ways = waysToCut(input)
    let result = read(input, ends: ways[0])
    for ends in ways.dropFirst() {
        let other = read(input, ends: ends)
        try require(other.progress == result.progress, "cut at \(ends): \(other.progress), not \(result.progress)")
    }
    guard case .done(let response) = result.progress else {
        try require(result.progress != .partial, "neither read nor refused, and at its end")
        return
    }
    try require((200...999).contains(response.status), "the status \(response.status)")
    try require(response.body.count <= limits.bodyBytesMax, "a body of \(response.body.count) bytes")
    try require(response.fields.count <= limits.headerCountMax, "the number of fields")
    try require(result.used <= input.count, "\(result.used) bytes used")
    // What follows a response that has an end of its own is not looked at.
    if response.keepAlive {
        let longer = read(input[..<result.used] + Array("HTTP/1.1 500 a\r\n\r\n".utf8), ends: nil)
        try require(longer == result, "what follows changes the response")
    }
    let again = read(writtenOut(response), ends: nil)
    guard case .done(let same) = again.progress else { throw Violation(description: "refused once written out") }
    try require(same.status == response.status && same.body == response.body, "another response once written out")
}

private struct Outcome: Equatable {
    var used: Int
    var progress: ResponseReader.Progress
}

/// With the stream's end after it.
private func read(_ input: [UInt8], ends: [Int]?) -> Outcome {
    var reader = ResponseReader(limits: limits)
    var used = 0
    for end in ends ?? [input.count] {
        let (consumed, progress) = reader.advance(input.span.extracting(used..<end))
        used += consumed
        if progress != .partial { return Outcome(used: used, progress: progress) }
    }
    return Outcome(used: used, progress: reader.endOfStream())
}

private func writtenOut(_ response: ResponseReader.Received) -> [UInt8] {
    let hasBody = response.status != 204 && response.status != 304
    let length = hasBody ? "Content-Length: \(response.body.count)\r\n" : ""
    return Array("HTTP/1.1 \(response.status)\r\n\(length)\r\n".utf8) + response.body
}
