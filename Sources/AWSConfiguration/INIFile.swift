/// A shared file's sections in the file's order, read as Python's `configparser` reads them for botocore: the file
/// format's page leaves too much open, and users' files have been tried with botocore or the AWS CLI.
/// https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
struct INIFile {
    /// What is wrong, and where; without the line itself, which may hold a secret.
    struct Fault: Error {
        let line: Int
        let reason: String
    }

    private(set) var sections: [(name: String, section: SharedConfiguration.Section)] = []

    /// An option's value as it grows line by line.
    private struct Value {
        /// Where the option begins.
        let line: Int
        var parts: [Substring.UnicodeScalarView]
    }
    private typealias Options = [String: Value]

    /// Whose options every section has unless it has its own.
    private static let defaultsName = "DEFAULT"

    init(_ text: String) throws(Fault) {
        var reader = Reader()
        for (index, line) in text.unicodeScalars.universalLines.enumerated() {
            try reader.read(line, number: index + 1)
        }
        for name in reader.names {
            let options = reader.defaults.merging(reader.options[name] ?? [:]) { $1 }
            sections.append((name, try Self.section(options)))
        }
    }

    private static func section(_ options: Options) throws(Fault) -> SharedConfiguration.Section {
        var section = SharedConfiguration.Section()
        // In the file's order, so that of two faults the first is told.
        for (name, value) in options.sorted(by: { $0.value.line < $1.value.line }) {
            var text = String.UnicodeScalarView()
            for (index, part) in value.parts.enumerated() {
                if index > 0 { text.append("\n") }
                text.append(contentsOf: part)
            }
            let trimmed = Substring(String(text)).unicodeScalars.trimmingEnd()
            if trimmed.first == "\n" {
                section.nested[name] = try nested(trimmed, of: name, at: value.line)
            } else {
                section.values[name] = String(trimmed)
            }
        }
        return section
    }

    private static func nested(
        _ text: Substring.UnicodeScalarView, of name: String, at line: Int
    ) throws(Fault) -> [String: String] {
        var settings: [String: String] = [:]
        for part in text.split(whereSeparator: \.endsLine) {
            let setting = part.trimming()
            if setting.isEmpty { continue }
            guard let sign = setting.firstIndex(of: "=") else {
                throw Fault(line: line, reason: "an indented line under \(name) is not NAME = VALUE")
            }
            let value = setting[setting.index(after: sign)...]
            settings[String(setting[..<sign].trimming())] = String(value.trimming())
        }
        return settings
    }

    /// What has been read so far, and where the next line belongs.
    private struct Reader {
        var names: [String] = []
        var options: [String: Options] = [:]
        var defaults: Options = [:]
        private var section: String?
        private var option: String?
        /// Of the last line that was no continuation, in characters.
        private var indent = 0

        mutating func read(_ line: Substring.UnicodeScalarView, number: Int) throws(Fault) {
            let value = line.trimming()
            guard let first = value.first else {
                // An empty line is a part of the value if the value goes on after it.
                continueValue(with: value)
                return
            }
            if first == "#" || first == ";" { return }
            let lineIndent = line.distance(from: line.startIndex, to: value.startIndex)
            if option != nil, lineIndent > indent {
                continueValue(with: value)
                return
            }
            indent = lineIndent
            if let name = Self.header(value) {
                try begin(name, number: number)
            } else if let section {
                try add(value, to: section, number: number)
            } else {
                throw Fault(line: number, reason: "a setting before the first [section]")
            }
        }

        private mutating func continueValue(with part: Substring.UnicodeScalarView) {
            guard let section, let option else { return }
            if section == defaultsName {
                defaults[option]?.parts.append(part)
            } else {
                options[section]?[option]?.parts.append(part)
            }
        }

        /// `[NAME]`, and whatever follows it.
        private static func header(_ line: Substring.UnicodeScalarView) -> String? {
            guard line.first == "[", let end = line.lastIndex(of: "]") else { return nil }
            let name = line[line.index(after: line.startIndex)..<end]
            return name.isEmpty ? nil : String(name)
        }

        private mutating func begin(_ name: String, number: Int) throws(Fault) {
            if name != defaultsName {
                guard options[name] == nil else {
                    throw Fault(line: number, reason: "the section [\(name)] is there a second time")
                }
                names.append(name)
                options[name] = [:]
            }
            section = name
            option = nil
        }

        private mutating func add(
            _ line: Substring.UnicodeScalarView, to section: String, number: Int
        ) throws(Fault) {
            guard let sign = line.firstIndex(where: { $0 == "=" || $0 == ":" }), sign != line.startIndex else {
                throw Fault(line: number, reason: "neither [SECTION] nor NAME = VALUE")
            }
            let name = String(line[..<sign].trimmingEnd()).lowercased()
            let isNew = section == defaultsName ? defaults[name] == nil : options[section]?[name] == nil
            guard isNew else {
                throw Fault(line: number, reason: "the setting \(name) is there a second time in [\(section)]")
            }
            let value = Value(line: number, parts: [line[line.index(after: sign)...].trimming()])
            if section == defaultsName {
                defaults[name] = value
            } else {
                options[section]?[name] = value
            }
            option = name
        }
    }
}
