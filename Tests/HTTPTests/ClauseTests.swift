import Foundation
import Testing

struct ClauseTests {
    private struct Citation: Hashable {
        var section: String
        var what: String
    }

    /// The citations of each row: a bare number is RFC 9112's.
    private static let rows: [[Citation]] = {
        let rows =
            AcceptedRequest.all.map { ($0.clause, $0.what) } + RefusedRequest.all.map { ($0.clause, $0.what) }
            + (ChunkedBody.good + ChunkedBody.bad).map { ($0.clause, $0.what) }
        return rows.map { clause, what in
            clause.components(separatedBy: ", ").map { Citation(section: $0, what: what) }
        }
    }()

    private static let citations = Set(rows.joined())

    @Test(arguments: Clause.all)
    func `each clause is held by rows and tests that exist, or has a reason`(_ clause: Clause) throws {
        #expect(!clause.coverage.isEmpty)
        for coverage in clause.coverage {
            switch coverage {
            case .rows(let rows), .stricter(_, let rows):
                #expect(!rows.isEmpty)
                for row in rows {
                    #expect(Self.citations.contains(Citation(section: clause.section, what: row)), "\(row)")
                }
            case .test(let name):
                #expect(try Self.sources().contains("func `\(name)`"), "\(name)")
            case .exempt(let reason):
                #expect(!reason.isEmpty)
            }
        }
    }

    @Test func `each row is named by a clause of a section that it cites`() {
        let named = Set(
            Clause.all.flatMap { clause in clause.rows.map { Citation(section: clause.section, what: $0) } })
        let nameless = Self.rows.filter { row in !row.contains { named.contains($0) } }
        #expect(nameless.map { "\($0[0].section): \($0[0].what)" } == [])
    }

    /// All tests' sources.
    private static func sources() throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let folders = ["HTTPTests", "HTTPServerTests", "HeartbeatTests"].map { tests.appendingPathComponent($0) }
        return try folders.flatMap {
            try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
        }
        .filter { $0.pathExtension == "swift" }
        .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    }
}

extension Clause {
    fileprivate var rows: [String] {
        var rows: [String] = []
        for case .rows(let names) in coverage { rows += names }
        for case .stricter(_, let names) in coverage { rows += names }
        return rows
    }
}

extension Clause: CustomTestStringConvertible {
    var testDescription: String { "\(section): \(requirement)" }
}
