import Heartbeat
import JSON
import TestSupport
import Testing

/// The same documents go to our reader and to Python's; `json_reader.py` says what that refuses beyond its habits.
struct JSONTests {
    @Test func `our reader and Python's understand the same documents alike`() throws {
        var generator = DocumentGenerator(seed: 8259)
        let documents = try (0..<20_000).map { _ in generator.next() } + corpus("json")
        let ours = documents.map { try? JSON.members(of: $0) }
        // What ours makes of a document goes to Python too, which must find the same in it.
        let written = ours.map { $0.map { Array(writtenOut($0).utf8) } ?? [] }
        let theirs = try OtherReader("json_reader.py").read(documents + written)
        var accepted = 0
        for (index, document) in documents.enumerated() {
            let (their, ofOurs) = (theirs[index], theirs[documents.count + index])
            accepted += ours[index] == nil ? 0 : 1
            #expect(
                (ours[index] == nil) == (their == "refused") && ofOurs == their,
                "\(String(reflecting: String(decoding: document, as: UTF8.self)))")
        }
        #expect((documents.count / 5...documents.count * 4 / 5).contains(accepted))
    }

    private func writtenOut(_ members: [JSONMember]) -> String {
        let texts = members.map { member in
            let value =
                switch member.value {
                case .string(let text): JSON.quoted(text)
                case .bool(let bool): "\(bool)"
                case .null: "null"
                case .other(let compact): compact
                }
            return "\(JSON.quoted(member.name)):\(value)"
        }
        return "{\(texts.joined(separator: ","))}"
    }
}

/// JSON objects, half of them with something wrong; the same ones from the same seed.
private struct DocumentGenerator {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var bytes = Array((space() + object(depth: 1) + space()).utf8)
        guard chance(2) else { return bytes }
        for _ in 0..<Int.random(in: 1...2, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = Self.awkward.randomElement(using: &random) ?? 0
            case 1: bytes.insert(Self.awkward.randomElement(using: &random) ?? 0, at: index)
            case 2: bytes.remove(at: index)
            default: bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    private static let awkward =
        Array("\"\\{}[],:0-+.eEutn \t\n\u{0B}\u{1}'/N".utf8) + [0x80, 0xC0, 0xED, 0xA0, 0xEF, 0xFF]

    private mutating func object(depth: Int) -> String {
        let members = (0..<Int.random(in: 0...3, using: &random)).map { number in
            // The same name twice now and then.
            let name = chance(20) ? "\"a\"" : string().dropLast() + "\(number)\""
            return space() + name + space() + ":" + space() + value(depth: depth) + space()
        }
        return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &random) {
        case 0: return string()
        case 1: return pick(["0", "-0", "1", "-12.5", "1e3", "0.1E-7", "1E+400", "123456789012345678901234567890"])
        case 2: return pick(["true", "false", "null"])
        case 3:
            return chance(6)
                ? pick(["01", "1.", ".5", "+1", "-", "1e", "NaN", "Infinity", "-Infinity", "0x1", "tru"]) : "2"
        case 4: return chance(30) ? String(repeating: "[", count: 33) : string()
        case 5: return object(depth: depth + 1)
        default:
            let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in space() + value(depth: depth + 1) }
            return "[" + elements.joined(separator: ",") + space() + "]"
        }
    }

    private mutating func string() -> String {
        let parts = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            chance(25)
                ? pick(["\\ud800", "\\udc00\\ud800", "\\x", "\\u12", "\\u00G0", "\n", "\\U0041", "\\"])
                : pick([
                    "a", "é", "e\u{301}", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\ud83d\\uDE00", "\\u0000",
                    "\u{7F}",
                ])
        }
        return "\"" + parts.joined() + "\""
    }

    private mutating func space() -> String {
        chance(3) ? pick([" ", "\t", "\n", "\r\n", "  "]) : ""
    }

    private mutating func chance(_ oneIn: Int) -> Bool {
        Int.random(in: 0..<oneIn, using: &random) == 0
    }

    private mutating func pick(_ texts: [String]) -> String {
        texts.randomElement(using: &random) ?? ""
    }
}
