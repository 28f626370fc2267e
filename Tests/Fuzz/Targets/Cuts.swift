/// Ways to cut an input into pieces, the same for the same input: a parser's answer must not depend on them.
///
/// They come from a hash of the input, not from a part of it, so that a file of the corpus is a message as it is sent.
struct Cuts {
    private var state: UInt64

    init(of input: [UInt8]) {
        // FNV-1a.
        state = input.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Where a piece ends, in order, the input's end last: a few random places and, of a short input, all of them.
    mutating func next(_ length: Int) -> [Int] {
        (0..<3).map { _ in random(length + 1) }.sorted() + [length]
    }

    static let everyByteMax = 64

    mutating func random(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(count))
    }
}

/// The ways in which an input is tried; the first one is in one piece.
func waysToCut(_ input: [UInt8]) -> [[Int]] {
    var cuts = Cuts(of: input)
    let few = [[input.count], cuts.next(input.count)]
    return input.count <= Cuts.everyByteMax ? few + [Array(0...input.count)] : few
}
