import Foundation

/// Tables of the README that are made from the code: `make docs` puts them there, and a test compares them.
extension Readme {
    /// A table, as Markdown.
    package static func table(_ headings: [String], _ rows: [[String]]) -> String {
        let line = { (cells: [String]) in "| \(cells.joined(separator: " | ")) |\n" }
        return line(headings) + "|\(headings.map { _ in "---|" }.joined())\n" + rows.map(line).joined()
    }

    /// What the README has between a table's two marks; with `HEARTBEAT_TEST_WRITES_DOCS` it has `text` there first.
    package static func generated(_ name: String, from text: String) throws -> String {
        let readme = try Self.text(of: "README.md")
        let (start, end) = ("<!-- \(name): made from the code by `make docs` -->\n", "<!-- end of \(name) -->\n")
        guard let from = readme.range(of: start), let to = readme.range(of: end), from.upperBound <= to.lowerBound
        else {
            throw SupportError("README.md lacks the marks of \(name)")
        }
        let table = from.upperBound..<to.lowerBound
        guard ProcessInfo.processInfo.environment["HEARTBEAT_TEST_WRITES_DOCS"] != nil else {
            return String(readme[table])
        }
        try readme.replacingCharacters(in: table, with: text)
            .write(toFile: "\(Locations.packageRoot)/README.md", atomically: true, encoding: .utf8)
        return text
    }
}
