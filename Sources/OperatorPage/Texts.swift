/// Numbers and names as the page has them.
enum Texts {
    static let nothing = "–"

    /// For the text of elements and for attributes in double quotes.
    static func escaped(_ text: String) -> String {
        var html = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            case " "..."~": html.unicodeScalars.append(scalar)
            // Texts of several lines, such as libpq's.
            case "\n", "\r", "\t": html += " "
            // What would turn the text around, or cannot be seen, is not to be there unseen.
            case _ where scalar.properties.generalCategory.isInvisible: html += "\u{FFFD}"
            default: html.unicodeScalars.append(scalar)
            }
        }
        return html
    }

    /// `12,345`
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return value < 0 ? "-\(text)" : text
    }

    /// With one decimal where it is less than a hundred, and none where it is nothing.
    static func rate(_ value: Double) -> String {
        value == 0 ? "0" : decimal(value, digits: value < 99.95 ? 1 : 0)
    }

    /// - Parameter value: below 9e14.
    static func decimal(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value * Double(scale)).rounded())
        guard digits > 0 else { return count(scaled) }
        let fraction = String(scaled % scale)
        return count(scaled / scale) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// - Parameter share: 0 to 1.
    static func percent(_ share: Double) -> String {
        let percent = share * 100
        // Neither is to be read where there is something.
        if percent > 0, percent < 0.1 { return "< 0.1 %" }
        if percent < 100, percent > 99.9 { return "> 99.9 %" }
        return decimal(percent, digits: percent == percent.rounded() ? 0 : 1) + " %"
    }

    /// Of what takes from microseconds to minutes; a number and its unit stay on one line.
    static func latency(_ seconds: Double?) -> String {
        guard let seconds else { return nothing }
        let milliseconds = seconds * 1000
        if milliseconds < 9.95 { return decimal(milliseconds, digits: 1) + "\u{A0}ms" }
        return milliseconds < 999.5
            ? decimal(milliseconds, digits: 0) + "\u{A0}ms" : decimal(seconds, digits: 1) + "\u{A0}s"
    }

    /// `42 s`, `3 min 5 s`, `2 h 0 min`, `4 d 1 h`
    static func time(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: "\(count(seconds / 86_400)) d \(seconds / 3600 % 24) h"
        }
    }

    static func bytes(_ value: Int) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard value >= 1024 else { return "\(value) B" }
        var (amount, unit) = (Double(value) / 1024, 0)
        while amount >= 1024, unit < units.count - 1 {
            amount /= 1024
            unit += 1
        }
        return decimal(amount, digits: amount == amount.rounded() ? 0 : 1) + " \(units[unit])"
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isInvisible: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
