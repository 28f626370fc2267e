import Testing
import Transport

@Suite
struct ReceiveBufferTests {
    @Test(arguments: 0..<20)
    func `unread bytes are those of a plain array`(_ seed: UInt64) {
        var random = SplitMix64(state: seed)
        let capacityMax = Int.random(in: 1...9000, using: &random)
        var buffer = ReceiveBuffer(capacityMax: capacityMax)
        var model: [UInt8] = []
        for _ in 0..<500 {
            if model.count < capacityMax, Bool.random(using: &random) {
                let wanted = Int.random(in: -1...3000, using: &random)
                var added: [UInt8] = []
                let result = buffer.fill { room in
                    #expect(room.count > 0)
                    guard wanted > 0 else { return wanted }
                    for index in 0..<min(wanted, room.count) {
                        added.append(UInt8.random(in: 0...255, using: &random))
                        room[index] = added[index]
                    }
                    return added.count
                }
                #expect(result == (wanted > 0 ? added.count : wanted))
                model += added
            } else {
                let count = Bool.random(using: &random) ? model.count : Int.random(in: 0...model.count, using: &random)
                buffer.consume(count)
                model.removeFirst(count)
            }
            #expect(Array(buffer.bytes[buffer.unread]) == model)
            // Who has used bytes leaves none of them behind.
            #expect(buffer.bytes[..<buffer.unread.lowerBound].allSatisfy { $0 == 0 })
            #expect(buffer.bytes[buffer.unread.upperBound...].allSatisfy { $0 == 0 })
            #expect(buffer.bytes.count <= max(capacityMax, 0))
        }
    }

    @Test func `an empty buffer keeps no more than a small one has`() {
        var buffer = ReceiveBuffer(capacityMax: 20_000)
        while buffer.unread.count < 20_000 { _ = buffer.fill { $0.count } }
        buffer.consume(20_000)
        #expect(buffer.bytes.count <= 2048)
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
