import EventLoop

/// Takes settings out of an environment and gathers what is wrong, so that all of it can be said at once.
struct EnvironmentReader {
    private static let secretFileBytesMax = 1 << 20

    let environment: [String: String]
    var faults: [String] = []
    var warnings: [String] = []

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// A variable's value; an empty one counts as not set.
    subscript(name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func hasAny(prefix: String) -> Bool {
        environment.contains { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
    }

    /// Sets `value` if the variable is set.
    /// - Parameter expected: what it must be, for the fault where `parse` refuses it.
    mutating func read<Value>(
        _ name: String, _ expected: String, into value: inout Value, parse: (String) -> Value?
    ) {
        guard let text = self[name] else { return }
        if let parsed = parse(text) {
            value = parsed
        } else {
            faults.append("\(name): \"\(text)\" is not \(expected).")
        }
    }

    /// A secret, from the variable or from the file that the variable with `_FILE` names; one trailing newline of a
    /// file is dropped. Its value is in no fault.
    mutating func secret(_ name: String) -> String? {
        let fileName = "\(name)_FILE"
        guard let path = self[fileName] else { return self[name] }
        if self[name] != nil {
            faults.append("\(name) and \(fileName) are both set: unset one.")
            return nil
        }
        do {
            var bytes = try readFile(at: path, bytesMax: Self.secretFileBytesMax)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            faults.append("\(fileName): \(error).")
            return nil
        }
    }

    /// Looks for `HEARTBEAT_` variables that nothing reads.
    mutating func checkNames() {
        let known = Setting.all.map(\.name) + Setting.all.filter(\.isSecret).map { "\($0.name)_FILE" }
        for name in environment.keys.sorted() where name.hasPrefix("HEARTBEAT_") && !known.contains(name) {
            let nearest = known.min { editDistance($0, name) < editDistance($1, name) } ?? ""
            warnings.append("\(name) is unknown and ignored; did you mean \(nearest)?")
        }
    }
}

/// How many characters must be put in, taken out or changed to get from one text to the other (Levenshtein).
func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first.utf8), Array(second.utf8))
    var row = Array(0...second.count)
    for (i, byte) in first.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in second.enumerated() {
            let changed = diagonal + (byte == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[second.count]
}
