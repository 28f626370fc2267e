import Foundation
import Testing

/// A house rule that reading the sources can hold.
struct Rule: Sendable, CustomTestStringConvertible {
    struct Finding: Sendable {
        /// From 1.
        let line: Int
        let excerpt: String
    }

    let name: String
    let covers: @Sendable (SourceFile) -> Bool
    let find: @Sendable (SourceFile) throws -> [Finding]
    /// Where the examples are taken to stand.
    let examplePath: String
    /// Texts in which it finds something, once each.
    let violations: [String]
    /// Texts in which it finds nothing.
    let keeping: [String]

    var testDescription: String { name }

    init(
        _ name: String, covers: @escaping @Sendable (SourceFile) -> Bool = isSource,
        examplePath: String = "Sources/HTTP/Example.swift",
        find: @escaping @Sendable (SourceFile) throws -> [Finding], violations: [String], keeping: [String]
    ) {
        self.name = name
        self.covers = covers
        self.find = find
        self.examplePath = examplePath
        self.violations = violations
        self.keeping = keeping
    }

    /// A rule against what a pattern matches in the code, comments and literals left out.
    init(
        _ name: String, against pattern: String, covers: @escaping @Sendable (SourceFile) -> Bool = isSource,
        examplePath: String = "Sources/HTTP/Example.swift", violations: [String], keeping: [String]
    ) {
        self.init(
            name, covers: covers, examplePath: examplePath, find: { try Self.findings(of: pattern, in: $0.code) },
            violations: violations, keeping: keeping)
    }

    func findings(in file: SourceFile) throws -> [Finding] {
        covers(file) ? try find(file) : []
    }
}

extension Rule {
    static func findings(of pattern: String, in text: String) throws -> [Finding] {
        let text = text as NSString
        return try NSRegularExpression(pattern: pattern)
            .matches(in: text as String, range: NSRange(location: 0, length: text.length))
            .map { match in
                let before = text.substring(to: match.range.location)
                let line = text.substring(with: text.lineRange(for: NSRange(location: match.range.location, length: 0)))
                return Finding(
                    line: before.utf8.count { $0 == UInt8(ascii: "\n") } + 1,
                    excerpt: line.trimmingCharacters(in: .whitespacesAndNewlines))
            }
    }

    @Sendable static func isSource(_ file: SourceFile) -> Bool {
        file.path.hasPrefix("Sources/")
    }

    @Sendable static func isAnything(_ file: SourceFile) -> Bool {
        true
    }
}
