import Foundation

/// What the README and other pages show, for tests that do as they say.
package enum Readme {
    /// A fenced block.
    package struct Block {
        /// Of the nearest heading before it, with its number signs; empty above the first one.
        package var heading: String
        /// What follows the opening fence.
        package var language: String
        package var text: String
    }

    /// All blocks of a page, in order.
    ///
    /// - Parameter page: its path in the package.
    /// - Throws: where a block has no end, or is set off by spaces alone: what it is in could not be said then.
    package static func blocks(in page: String = "README.md") throws -> [Block] {
        var blocks: [Block] = []
        var heading = ""
        var isOpen = false
        var isAfterBlank = true
        for line in try text(of: page).components(separatedBy: "\n") {
            if isOpen {
                if line.hasPrefix("```") { isOpen = false } else { blocks[blocks.count - 1].text += "\(line)\n" }
            } else if line.hasPrefix("```") {
                isOpen = true
                blocks.append(Block(heading: heading, language: String(line.dropFirst(3)), text: ""))
            } else if line.hasPrefix("#") {
                heading = line
            } else if isAfterBlank, line.hasPrefix("    ") {
                throw SupportError("\(page) has a block that says no language: \(line)")
            }
            isAfterBlank = line.isEmpty
        }
        guard !isOpen else { throw SupportError("a block of \(page) has no end") }
        return blocks
    }

    /// The blocks of a language below a heading, up to the next one.
    ///
    /// - Parameter heading: with its number signs; nil: in the whole page.
    package static func blocks(
        _ language: String, below heading: String? = nil, in page: String = "README.md"
    ) throws -> [String] {
        try blocks(in: page)
            .filter { $0.language == language && (heading == nil || $0.heading == heading) }
            .map(\.text)
    }

    /// The one block of a language.
    package static func block(
        _ language: String, below heading: String? = nil, in page: String = "README.md"
    ) throws -> String {
        let blocks = try blocks(language, below: heading, in: page)
        guard blocks.count == 1 else { throw SupportError("\(page) has \(blocks.count) blocks of \(language)") }
        return blocks[0]
    }

    package static func text(of page: String) throws -> String {
        try String(contentsOfFile: "\(Locations.packageRoot)/\(page)", encoding: .utf8)
    }
}
