/// The headers that a signature covers: lower-case names in order, each once.
struct CanonicalHeaders {
    /// Separated by semicolons.
    private(set) var names = ""
    /// `name:value` lines, each with its line feed.
    private(set) var lines: [UInt8] = []

    /// - Parameter isSigned: by the lower-case name.
    init(_ headers: [(name: String, value: String)], where isSigned: (String) -> Bool) {
        var chosen: [(name: String, position: Int)] = []
        chosen.reserveCapacity(headers.count)
        for (position, header) in headers.enumerated() {
            let name = header.name.lowercased()
            if isSigned(name) { chosen.append((name, position)) }
        }
        // By position too: the values of one name keep the order in which they came.
        chosen.sort { ($0.name, $0.position) < ($1.name, $1.position) }

        lines.reserveCapacity(headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 })
        var last: String?
        for (name, position) in chosen {
            if name == last {
                lines[lines.count - 1] = UInt8(ascii: ",")
            } else {
                if last != nil { names += ";" }
                names += name
                last = name
                lines.append(contentsOf: name.utf8)
                lines.append(UInt8(ascii: ":"))
            }
            appendCollapsingSpaces(headers[position].value)
            lines.append(UInt8(ascii: "\n"))
        }
    }

    /// Without white space at the ends, and with one space for each run of it inside, quoted strings not excepted.
    private mutating func appendCollapsingSpaces(_ value: String) {
        // Hardly any value has some, and a session token is long. No white space lies above the space.
        let bytes = value.utf8.span
        guard bytes.indices.contains(where: { bytes[$0] <= UInt8(ascii: " ") }) else {
            lines.append(contentsOf: value.utf8)
            return
        }
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte) }
        for (index, word) in value.utf8.split(whereSeparator: isSpace).enumerated() {
            if index > 0 { lines.append(UInt8(ascii: " ")) }
            lines.append(contentsOf: word)
        }
    }
}
