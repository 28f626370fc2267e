/// Text taken apart as a POSIX shell takes words: a section's name, `profile "two words"`, and the command line of a
/// `credential_process`. botocore uses Python's `shlex.split` for both.
package enum ShellWords {
    private enum State {
        case between
        case word
        case quoted(Unicode.Scalar)
        /// After a backslash, in a word or between double quotes.
        case escaped(inQuotes: Bool)
    }

    /// - Returns: nil where a quotation has no end, or nothing follows a backslash.
    package static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var state = State.between
        for scalar in text.unicodeScalars {
            switch state {
            case .between, .word:
                switch scalar {
                case " ", "\t", "\r", "\n":
                    if case .word = state { words.append(String(word)) }
                    word = .init()
                    state = .between
                case "\\": state = .escaped(inQuotes: false)
                case "\"", "'": state = .quoted(scalar)
                default:
                    word.append(scalar)
                    state = .word
                }
            case .quoted(let quote):
                switch scalar {
                case quote: state = .word
                case "\\" where quote == "\"": state = .escaped(inQuotes: true)
                default: word.append(scalar)
                }
            case .escaped(let inQuotes):
                // Between double quotes only they and the backslash itself are escaped.
                if inQuotes, scalar != "\\", scalar != "\"" { word.append("\\") }
                word.append(scalar)
                state = inQuotes ? .quoted("\"") : .word
            }
        }
        switch state {
        case .between: return words
        case .word: return words + [String(word)]
        case .quoted, .escaped: return nil
        }
    }
}
