@testable import HTTP

/// Tests write messages as text, one scalar a byte: `\u{FF}` is the byte 0xFF.
func octets(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8($0.value) }
}

/// A request with the field lines given, Host first.
func message(_ line: String = "GET / HTTP/1.1", _ fields: String..., rest: String = "") -> String {
    ([line, "Host: h"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + rest
}

/// A POST with the field lines given, Host first.
func post(_ fields: String..., rest: String = "") -> String {
    (["POST / HTTP/1.1", "Host: h"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + rest
}

/// Shows a parser the message's first `cuts[0]` bytes, then its first `cuts[1]` bytes and so on, then all of it, until
/// it decides.
func parse(_ message: [UInt8], cuts: some Sequence<Int> = [], limits: Limits = Limits()) -> RequestParser.Result {
    var parser = RequestParser(limits: limits)
    for cut in cuts {
        let result = parser.parse(message[..<cut])
        if result != .partial { return result }
    }
    return parser.parse(message[...])
}

extension Fields {
    /// As the parser makes them from these lines, each written `Name: value`.
    static func make(_ lines: [String]) -> Fields {
        var (bytes, entries) = ([UInt8](), [Entry]())
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            let start = bytes.count
            let value = start + parts[0].utf8.count + 2
            bytes += octets(line + "\r\n")
            entries.append(Entry(name: start..<value - 2, value: value..<bytes.count - 2))
        }
        return Fields(bytes: bytes, entries: entries)
    }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension [UInt8] {
    /// One to three bytes replaced, inserted, removed, or a stretch doubled.
    func mutated(by generator: inout SeededGenerator) -> [UInt8] {
        var result = self
        let awkward = octets("\r\n\t :;,\u{0}\u{7F}\u{80}\u{FF}/?#%[]\"0AFchunked")
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !result.isEmpty {
            let index = Int.random(in: 0..<result.count, using: &generator)
            let byte = awkward.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: result[index] = byte
            case 1: result.insert(byte, at: index)
            case 2: result.remove(at: index)
            default: result.insert(contentsOf: result[index..<Swift.min(index + 20, result.count)], at: index)
            }
        }
        return result
    }
}
