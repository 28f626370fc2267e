import Foundation
import TestSupport
import Testing

@testable import Authentication

@Suite struct APIKeyTests {
    static let text = "hbf_0a1B2c3DABCDEFGHIJKLMNOPQRSTUVWXYZabcd13sZRO"

    @Test func `a known key`() throws {
        let key = try #require(APIKey(Self.text))
        #expect(key.secret == Self.text)
        #expect(key.publicIdentifier == "hbf_0a1B2c3D")
        #expect(key.sha256Hex == "f6235cd6b25ea65f3d3e238e76e6dc01ce072478f996243aceddc2126953dddc")
    }

    @Test func `generated keys parse and differ in the identifier and in the secret`() throws {
        let keys = try (0..<1000).map { _ in try APIKey.generate() }
        for key in keys {
            #expect(key.secret.wholeMatch(of: /hbf_[0-9A-Za-z]{44}/) != nil)
            #expect(APIKey(key.secret) == key)
        }
        #expect(Set(keys.map(\.publicIdentifier)).count == keys.count)
        #expect(Set(keys.map { $0.secret.dropFirst(12).prefix(30) }).count == keys.count)
    }

    @Test func `scanners find keys by the pattern of SECURITY md`() throws {
        let text = try String(contentsOfFile: "\(Locations.packageRoot)/SECURITY.md", encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.contains("hbf_[") }
        try #require(lines.count == 1)
        let pattern = try Regex(lines[0].trimmingCharacters(in: .whitespaces))
        let key = try APIKey.generate().secret
        for place in [key, "Bearer \(key)\r\n", "KEY=\"\(key)\";"] {
            #expect(place.matches(of: pattern).map { String(place[$0.range]) } == [key])
        }
        for other in [String(key.dropLast()), "\(key)0", "x\(key)"] { #expect(other.matches(of: pattern).isEmpty) }
    }

    @Test func `a change of any one character is refused`() throws {
        let key = Array(try APIKey.generate().secret)
        let alphabet = (0x20...0x7e).map { Character(UnicodeScalar($0)) } + ["é", "\u{0}"]
        for position in key.indices {
            for character in alphabet where character != key[position] {
                var changed = key
                changed[position] = character
                #expect(APIKey(String(changed)) == nil, "\(character) at \(position)")
            }
        }
    }

    @Test func `two neighbours in the wrong order are refused`() throws {
        for _ in 0..<200 {
            let key = Array(try APIKey.generate().secret)
            for position in key.indices.dropLast() where key[position] != key[position + 1] {
                var changed = key
                changed.swapAt(position, position + 1)
                #expect(APIKey(String(changed)) == nil, "at \(position)")
            }
        }
    }

    @Test func `a key is looked up by its identifier, which is given with or without the prefix`() throws {
        let key = try #require(APIKey(Self.text))
        #expect(key.identifier == "0a1B2c3D")
        #expect(key.fingerprint.place == APIKey.place(ofIdentifier: "0a1B2c3D".utf8))
        #expect(key.fingerprint.place != APIKey.place(ofIdentifier: "0a1B2c3E".utf8))
        #expect(APIKey.identifier("0a1B2c3D") == "0a1B2c3D")
        #expect(APIKey.identifier("hbf_0a1B2c3D") == "0a1B2c3D")
        for text in ["", "hbf_", "0a1B2c3", "0a1B2c3D4", "0a1B-c3D", "hbf_0a1B", Self.text] {
            #expect(APIKey.identifier(text) == nil, "\(text)")
        }
    }

    @Test(arguments: ["-", " ", "/", "é"]) func `other characters are refused under a good checksum too`(other: String)
    {
        let digits = String(repeating: "a", count: 38 - other.utf8.count)
        func keyed(_ text: String) -> String {
            text + String(decoding: Base62.encode(crc32(text.utf8.span), count: 6), as: UTF8.self)
        }
        #expect(APIKey(keyed("hbf_" + digits + String(repeating: "a", count: other.utf8.count))) != nil)
        #expect(APIKey(keyed("hbf_" + digits + other)) == nil)
    }

    @Test(arguments: [
        "", "hbf_", "hbf_000000", String(text.dropLast()), String(text.dropFirst()), text + "0", text + "\n",
        " " + text, text.lowercased(), text.uppercased(), String(text.dropFirst(4)), "hbf_" + text,
    ])
    func `what is no key`(text: String) {
        #expect(APIKey(text) == nil)
    }

    @Test func `a key is never shown`() throws {
        let key = try #require(APIKey(Self.text))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), "\(Optional(key) as Any)", dumped] {
            #expect(!text.contains("hbf_") && !text.contains("ABCDEF"))
        }
    }
}
