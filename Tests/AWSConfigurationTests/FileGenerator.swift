import Heartbeat

/// Files by the thousand, the same ones from the same seed: lines after the format, in any order, and some of none.
struct FileGenerator {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> FilePair {
        FilePair(config: chance(8) ? nil : file(), credentials: chance(2) ? nil : file())
    }

    private mutating func file() -> String {
        let end = pick(["\n", "\n", "\n", "\r\n", "\r"])
        var text = chance(30) ? "" : header() + end
        for _ in 0..<Int.random(in: 0...10, using: &random) { text += line() + (chance(60) ? "" : end) }
        return text
    }

    private mutating func header() -> String {
        let name = pick(["a", "b", "c", "d e", "default", "'a'", "\"b c\"", "\\a", "é", "s-1"])
        let kind = pick(["profile ", "profile ", "sso-session ", "services ", "", "profile\t", "profile", "x "])
        let close = chance(25) ? pick(["", "]]", "] x", "]\t"]) : "]"
        return pick(["[default]", "[\(kind)\(name)\(close)", "[\(kind)\(name)\(close)", "[DEFAULT]"])
    }

    private mutating func line() -> String {
        let indent = pick(["", "", "", "", "  ", "  ", "    ", "\t", " ", "\u{A0}"])
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: return (chance(8) ? indent : "") + header()
        case 2: return indent + pick(["# x", ";y = 1", "#", "  # a = b"])
        case 3: return pick(["", "", " ", "\t\t", "\u{B}"])
        case 4: return pick(["s3", "swf", "services", "STS"]) + pick([" =", "=", " = ", ":"])
        case 5: return chance(3) ? indent + pick(["word", "=", "= x", ":x", "[", "]", "[]"]) : indent + setting()
        default: return indent + setting()
        }
    }

    private mutating func setting() -> String {
        let letters = ["region", "x", "Y", "y", "endpoint_url", "aws_access_key_id", "a b", "z", "w", "v", "u", "É"]
        let value = pick(["", "1", "us-east-1", "a = b", "x # y", "é", "\u{2028}", "\"q\"", "http://h:1/", "a\u{85}b"])
        return pick(letters) + pick([" = ", "=", ": ", " =", " "], rarelyLast: 12) + value
    }

    private mutating func chance(_ of: Int) -> Bool {
        Int.random(in: 0..<of, using: &random) == 0
    }

    private mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func pick(_ choices: [String], rarelyLast odds: Int) -> String {
        chance(odds) ? choices[choices.count - 1] : pick(Array(choices.dropLast()))
    }
}
