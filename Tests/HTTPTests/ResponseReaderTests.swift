import Testing

@testable import HTTP

struct ResponseReaderTests {
    /// Shows a reader the bytes up to each cut, then all of them, then the end where the server closes.
    private func read(
        _ bytes: [UInt8], cuts: some Sequence<Int> = [], closes: Bool, limits: Limits = SentResponse.limits
    ) -> (used: Int, progress: ResponseReader.Progress) {
        var reader = ResponseReader(limits: limits)
        var used = 0
        for cut in Array(cuts) + [bytes.count] {
            let (consumed, progress) = reader.advance(bytes.span.extracting(used..<cut))
            used += consumed
            if progress != .partial { return (used, progress) }
        }
        return (used, closes ? reader.endOfStream() : .partial)
    }

    private func expect(_ row: SentResponse, cuts: some Sequence<Int>) {
        let bytes = octets(row.text)
        let (used, progress) = read(bytes, cuts: cuts, closes: row.closes)
        switch row.expected {
        case .bad(let fault):
            #expect(progress == .bad(fault), "\(cuts)")
        case .done(let status, let body, let keepAlive):
            guard case .done(let response) = progress else {
                Issue.record("\(cuts): \(progress)")
                return
            }
            #expect(response.status == status, "\(cuts)")
            #expect(response.body == octets(body), "\(cuts)")
            #expect(response.keepAlive == keepAlive, "\(cuts)")
            #expect(used == bytes.count - row.restBytes, "\(cuts)")
        }
    }

    @Test(arguments: SentResponse.good + SentResponse.bad)
    func `a response is read the same however it is cut`(_ row: SentResponse) {
        let length = row.text.unicodeScalars.count
        for cut in 0...length { expect(row, cuts: [cut]) }
        expect(row, cuts: 0...length)
    }

    @Test(arguments: SentResponse.good)
    func `short of its last byte, a response is partial, and not one that is closed there`(_ row: SentResponse) {
        let bytes = octets(row.text)
        guard !row.closes else { return }
        for length in 0..<bytes.count - row.restBytes {
            #expect(read(Array(bytes[..<length]), closes: false).progress == .partial, "\(length) bytes")
            #expect(read(Array(bytes[..<length]), closes: true).progress == .bad(.truncated), "\(length) bytes")
        }
    }

    @Test func `the last response's fields are kept as they came`() {
        let text = "HTTP/1.1 103 a\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nx-B:  c d\t\r\nContent-Length: 0\r\nX-b:\r\n\r\n"
        guard case .done(let response) = read(octets(text), closes: false).progress else {
            Issue.record("not read")
            return
        }
        #expect(response.fields.count == 3)
        #expect(response.fields.values(named: "X-B") == ["c d", ""])
        #expect(response.fields["A"] == nil)
    }

    @Test func `a body is refused for its announced length before it comes`() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(Limits().bodyBytesMax + 1)\r\n\r\n"
        #expect(read(octets(head), closes: false, limits: Limits()).progress == .bad(.tooLarge))
    }

    @Test func `mutated responses are read the same however they are cut`() {
        var generator = SeededGenerator(state: 9112)
        for row in SentResponse.good {
            for _ in 0..<100 {
                let bytes = octets(row.text).mutated(by: &generator)
                let whole = read(bytes, closes: true)
                let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
                let cut = read(bytes, cuts: cuts, closes: true)
                #expect(cut.progress == whole.progress, "\(bytes) cut at \(cuts)")
                #expect(cut.progress.isBad || cut.used == whole.used, "\(bytes) cut at \(cuts)")
                let pieces = read(bytes, cuts: 0...bytes.count, closes: true)
                #expect(pieces.progress == whole.progress, "\(bytes) byte by byte")
            }
        }
    }
}

extension ResponseReader.Progress {
    fileprivate var isBad: Bool { if case .bad = self { true } else { false } }
}
