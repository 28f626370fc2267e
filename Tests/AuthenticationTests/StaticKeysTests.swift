import Authentication
import Heartbeat
import LibCrypto
import Testing

@Suite struct StaticKeysTests {
    private static let one = String(repeating: "1", count: 64)
    private static let two = String(repeating: "2b", count: 32)

    struct Row: CustomTestStringConvertible {
        let name: String
        let text: String
        var keys: [String] = []
        var faults: [StaticKeysFaults.Fault] = []

        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "nothing", text: ""),
        Row(name: "one without a line feed", text: "a:\(one)", keys: ["a:\(one)"]),
        Row(
            name: "comments, blank lines, white space, Windows line ends",
            text: "# keys\r\n\r\n\ta:\(one) \r\n   \n  # b:\(one)\nb:\(two)\n", keys: ["a:\(one)", "b:\(two)"]),
        Row(name: "capital digits", text: "a:\(two.uppercased())", keys: ["a:\(two)"]),
        Row(name: "any visible character", text: "!#~,/@\"{:\(one)", keys: ["!#~,/@\"{:\(one)"]),
        Row(
            name: "the longest name", text: String(repeating: "n", count: 128) + ":\(one)",
            keys: [String(repeating: "n", count: 128) + ":\(one)"]),
        Row(
            name: "a name too long", text: String(repeating: "n", count: 129) + ":\(one)",
            faults: [.init(line: 1, reason: .badName)]),
        Row(name: "no name", text: ":\(one)", faults: [.init(line: 1, reason: .badName)]),
        Row(name: "a space in the name", text: "a b:\(one)", faults: [.init(line: 1, reason: .badName)]),
        Row(name: "a space after the name", text: "a :\(one)", faults: [.init(line: 1, reason: .badName)]),
        Row(name: "a name beyond ASCII", text: "é:\(one)", faults: [.init(line: 1, reason: .badName)]),
        Row(name: "a control character", text: "a\u{7f}:\(one)", faults: [.init(line: 1, reason: .badName)]),
        Row(name: "no colon", text: "a", faults: [.init(line: 1, reason: .badHash)]),
        Row(name: "no hash", text: "a:", faults: [.init(line: 1, reason: .badHash)]),
        Row(name: "a hash too short", text: "a:\(one.dropLast())", faults: [.init(line: 1, reason: .badHash)]),
        Row(name: "a hash too long", text: "a:\(one)1", faults: [.init(line: 1, reason: .badHash)]),
        Row(name: "a hash with a letter", text: "a:\(one.dropLast())g", faults: [.init(line: 1, reason: .badHash)]),
        Row(name: "a space before the hash", text: "a: \(one)", faults: [.init(line: 1, reason: .badHash)]),
        Row(name: "a scope", text: "a:\(one):audit", keys: ["a:\(one):audit"]),
        Row(
            name: "all scopes, in any order, one twice", text: "a:\(one):admin,audit,heartbeat,audit\r\n",
            keys: ["a:\(one):heartbeat,audit,admin"]),
        Row(name: "no scope after the colon", text: "a:\(one):", faults: [.init(line: 1, reason: .badScopes)]),
        Row(name: "an unknown scope", text: "a:\(one):audit,read", faults: [.init(line: 1, reason: .badScopes)]),
        Row(name: "a scope in capitals", text: "a:\(one):Audit", faults: [.init(line: 1, reason: .badScopes)]),
        Row(
            name: "a space before a scope", text: "a:\(one):audit, admin",
            faults: [.init(line: 1, reason: .badScopes)]),
        Row(name: "an empty scope", text: "a:\(one):audit,", faults: [.init(line: 1, reason: .badScopes)]),
        Row(name: "a field too many", text: "a:\(one):audit:x", faults: [.init(line: 1, reason: .badScopes)]),
        Row(name: "a bad hash and a bad scope", text: "a:b:c", faults: [.init(line: 1, reason: .badHash)]),
        Row(name: "two on a line", text: "a:\(one),b:\(two)", faults: [.init(line: 1, reason: .badHash)]),
        Row(
            name: "a key in place of its line", text: "hbf_0a1B2c3DABCDEFGHIJKLMNOPQRSTUVWXYZabcd13sZRO",
            faults: [.init(line: 1, reason: .badHash)]),
        Row(
            name: "a name twice", text: "a:\(one)\n#\na:\(two)",
            faults: [.init(line: 3, reason: .duplicateName(line: 1))]),
        Row(
            name: "a hash twice, in another case", text: "a:\(two)\nb:\(two.uppercased())",
            faults: [.init(line: 2, reason: .duplicateKey(line: 1))]),
        Row(
            name: "all faults of all lines", text: "\na b:c\na:\(one)\nd:\na:\(one)",
            faults: [
                .init(line: 2, reason: .badName), .init(line: 2, reason: .badHash), .init(line: 4, reason: .badHash),
                .init(line: 5, reason: .duplicateName(line: 3)), .init(line: 5, reason: .duplicateKey(line: 3)),
            ]),
    ]

    @Test(arguments: rows) func `lists of keys`(row: Row) {
        do throws(StaticKeysFaults) {
            let keys = try StaticKeys(row.text)
            #expect(keys.entries.map { "\($0.name):\(lowercaseHex($0.sha256))\(suffix($0.scopes))" } == row.keys)
            #expect(row.faults.isEmpty)
        } catch {
            #expect(error.faults == row.faults)
        }
    }

    /// As `row.keys` has them: nothing for those that a line without any has.
    private func suffix(_ scopes: Set<Scope>) -> String {
        scopes == [.heartbeat]
            ? "" : ":" + Scope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
    }

    @Test func `as many keys as allowed, and one more`() throws {
        let lines = (0...StaticKeys.keysMax).map { "k\($0):\(lowercaseHex(SHA256.hash(Array("\($0)".utf8))))\n" }
        #expect(try StaticKeys(lines.dropLast().joined()).entries.count == StaticKeys.keysMax)
        let faults = [StaticKeysFaults.Fault(line: lines.count, reason: .tooManyKeys)]
        #expect {
            try StaticKeys(lines.joined())
        } throws: { error in
            (error as? StaticKeysFaults)?.faults == faults
        }
    }

    @Test func `a fault says where and what, and repeats nothing`() {
        let key = "hbf_0a1B2c3DABCDEFGHIJKLMNOPQRSTUVWXYZabcd13sZRO"
        #expect {
            try StaticKeys("\n\(key)\na:\(Self.one)\na:\(key)\nb:\(Self.two):\(key)")
        } throws: { error in
            (error as? StaticKeysFaults)?.faults.map(\.description) == [
                "line 2: what follows the colon is not a SHA-256 in 64 hexadecimal digits",
                "line 4: what follows the colon is not a SHA-256 in 64 hexadecimal digits",
                "line 4: the name is that of line 3",
                "line 5: what follows the second colon is no list of heartbeat, audit, admin",
            ]
        }
    }
}
