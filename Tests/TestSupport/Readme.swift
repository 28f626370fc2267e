import Foundation

/// What the README and other pages show, for tests that do as they say.
package enum Readme {
    /// The fenced blocks of a language below a heading, up to the next one.
    ///
    /// - Parameters:
    ///   - heading: with its number signs; nil: in the whole file.
    ///   - page: its path in the package.
    package static func blocks(
        _ language: String, below heading: String? = nil, in page: String = "README.md"
    ) throws -> [String] {
        var text = try String(contentsOfFile: "\(Locations.packageRoot)/\(page)", encoding: .utf8)
        if let heading {
            let parts = text.components(separatedBy: "\n\(heading)\n")
            guard parts.count == 2 else { throw SupportError("\(page) has \(parts.count - 1) headings \(heading)") }
            text = parts[1].components(separatedBy: "\n#").first { !$0.isEmpty } ?? ""
        }
        return try text.components(separatedBy: "```\(language)\n").dropFirst().map { part in
            guard let end = part.range(of: "```\n") else { throw SupportError("a block of \(language) has no end") }
            return String(part[..<end.lowerBound])
        }
    }

    /// The one block of a language.
    package static func block(
        _ language: String, below heading: String? = nil, in page: String = "README.md"
    ) throws -> String {
        let blocks = try blocks(language, below: heading, in: page)
        guard blocks.count == 1 else { throw SupportError("\(page) has \(blocks.count) blocks of \(language)") }
        return blocks[0]
    }
}
