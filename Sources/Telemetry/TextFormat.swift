// The lexical rules of the Prometheus text format 0.0.4.

/// Whether it matches `[a-zA-Z_:][a-zA-Z0-9_:]*`.
func isMetricName(_ text: String) -> Bool {
    isName(text) { isNameByte($0) || $0 == UInt8(ascii: ":") }
}

/// Whether it matches `[a-zA-Z_][a-zA-Z0-9_]*` and is not reserved: `__…` is Prometheus' own and `le` the buckets'.
func isLabelName(_ text: String) -> Bool {
    isName(text, where: isNameByte) && !text.hasPrefix("__") && text != "le"
}

private func isName(_ text: String, where isAllowed: (UInt8) -> Bool) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy(isAllowed)
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    default: isDigit(byte)
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// In HELP lines a double quote stands as it is.
func escapedHelp(_ text: String) -> String {
    escaped(text, quote: false)
}

func escapedLabelValue(_ text: String) -> String {
    escaped(text, quote: true)
}

private func escaped(_ text: String, quote: Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
        case "\n": result.append(contentsOf: "\\n".unicodeScalars)
        case "\"" where quote: result.append(contentsOf: "\\\"".unicodeScalars)
        default: result.append(scalar)
        }
    }
    return String(result)
}

/// A whole number without a fraction, other values in their shortest form that reads back the same.
func numeral(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    guard let whole = Int(exactly: value) else { return value.description }
    return String(whole)
}

/// Nanoseconds as seconds, exactly.
func seconds(nanoseconds: Int) -> String {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard rest != 0 else { return String(whole) }
    var digits = String(rest)
    digits = String(repeating: "0", count: 9 - digits.utf8.count) + digits
    while digits.last == "0" {
        digits.removeLast()
    }
    return "\(whole).\(digits)"
}
