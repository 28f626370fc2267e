/// Tells code from comments and literals, as far as the rules need it. Regex literals are taken for code.
struct CodeScanner {
    private enum Context {
        /// - Parameter parentheses: how many are open; in an interpolation one more closes it.
        case code(parentheses: Int)
        case string(quotes: Int, hashes: Int)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var contexts = [Context.code(parentheses: 0)]
    private var result: [UInt8] = []

    static func blanked(_ text: String) -> String {
        var scanner = CodeScanner(bytes: Array(text.utf8))
        while scanner.position < scanner.bytes.count {
            scanner.step()
        }
        return String(decoding: scanner.result, as: UTF8.self)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func step() {
        switch contexts[contexts.count - 1] {
        case .code(let parentheses): stepInCode(parentheses: parentheses)
        case .string(let quotes, let hashes): stepInString(quotes: quotes, hashes: hashes)
        }
    }

    private mutating func stepInCode(parentheses: Int) {
        if isNext("//") { return blankLine() }
        if isNext("/*") { return blankBlockComment() }
        if isNext("`") { return blankRawIdentifier() }
        if let (quotes, hashes) = openingDelimiter() {
            keep(quotes + hashes)
            contexts.append(.string(quotes: quotes, hashes: hashes))
            return
        }
        if isNext("(") {
            contexts[contexts.count - 1] = .code(parentheses: parentheses + 1)
        } else if isNext(")") {
            if parentheses == 0, contexts.count > 1 {
                contexts.removeLast()
            } else {
                contexts[contexts.count - 1] = .code(parentheses: parentheses - 1)
            }
        }
        keep(1)
    }

    private mutating func stepInString(quotes: Int, hashes: Int) {
        let marks = String(repeating: "#", count: hashes)
        if isNext(String(repeating: "\"", count: quotes) + marks) {
            keep(quotes + hashes)
            contexts.removeLast()
        } else if isNext("\\" + marks + "(") {
            blank(1 + hashes)
            keep(1)
            contexts.append(.code(parentheses: 0))
        } else if isNext("\\" + marks) {
            blank(2 + hashes)
        } else if isNext("\n"), quotes == 1 {
            // Never closed: better to lose a line than the rest of the file.
            contexts.removeLast()
        } else {
            blank(1)
        }
    }

    private func openingDelimiter() -> (quotes: Int, hashes: Int)? {
        var hashes = 0
        while position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "#") {
            hashes += 1
        }
        guard isNext(String(repeating: "#", count: hashes) + "\"") else { return nil }
        return (isNext(String(repeating: "#", count: hashes) + "\"\"\"") ? 3 : 1, hashes)
    }

    private mutating func blankLine() {
        while position < bytes.count, !isNext("\n") {
            blank(1)
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if isNext("/*") {
                depth += 1
                blank(2)
            } else if isNext("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func blankRawIdentifier() {
        keep(1)
        while position < bytes.count, !isNext("`"), !isNext("\n") {
            blank(1)
        }
        keep(1)
    }

    private func isNext(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func keep(_ count: Int) {
        let end = min(position + count, bytes.count)
        result += bytes[position..<end]
        position = end
    }

    /// Keeps the lines as they are; each other byte becomes a blank.
    private mutating func blank(_ count: Int) {
        let end = min(position + count, bytes.count)
        result += bytes[position..<end].map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        position = end
    }
}
