import Testing

@testable import HTTP

/// Broken messages by the thousand, the same ones in every run.
struct MutationTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a mutated head is partial, bad, or strictly well-formed, however it is cut`(_ seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let originals = AcceptedRequest.all.map { octets($0.text) }
        var heads = 0
        for _ in 0..<1500 {
            let bytes = (originals.randomElement(using: &generator) ?? []).mutated(by: &generator)
            let result = parse(bytes)
            let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
            #expect(parse(bytes, cuts: cuts) == result, "\(bytes), \(cuts)")
            guard case .head(let head) = result else { continue }
            heads += 1
            #expect(hasWholeLineEnds(bytes[..<head.length]), "\(bytes)")
            #expect(!bytes[..<head.length].contains(0), "\(bytes)")
        }
        // Enough survive for the checks on them to mean something.
        #expect(heads > 100)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a mutated connection keeps its limits, however it is cut`(_ seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let originals = ChunkedBody.good.map { octets(post("Transfer-Encoding: chunked") + $0.bytes + message()) }
        for _ in 0..<1000 {
            let bytes = (originals.randomElement(using: &generator) ?? []).mutated(by: &generator)
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let whole = run(bytes, pieces: [bytes.count])
            #expect(run(bytes, pieces: [cut, bytes.count]) == whole, "\(bytes), \(cut)")
            #expect(run(bytes, pieces: Array(0...bytes.count)) == whole, "\(bytes)")
            for case .serve(let request) in whole { #expect(request.body.count <= ChunkedBody.limits.bodyBytesMax) }
        }
    }

    /// What a connection is told to do besides reading, when the bytes come in these pieces and each response is sent
    /// at once.
    private func run(_ bytes: [UInt8], pieces: [Int]) -> [ConnectionState.Action] {
        var state = ConnectionState(limits: ChunkedBody.limits)
        var (start, actions) = (0, [ConnectionState.Action]())
        for end in pieces {
            var action: ConnectionState.Action
            repeat {
                let (consumed, next) = state.advance(bytes[start..<end], at: origin)
                start += consumed
                action = next
                switch action {
                case .serve, .reject:
                    actions.append(action)
                    _ = state.responseSent()
                case .read, .sendContinue, .wait, .close:
                    break
                }
            } while action != .read && action != .close
        }
        return actions
    }

    private let origin = ContinuousClock.Instant.now

    private func hasWholeLineEnds(_ bytes: ArraySlice<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in bytes {
            if (byte == 0x0A) != (previous == 0x0D) { return false }
            previous = byte
        }
        return previous != 0x0D
    }
}
