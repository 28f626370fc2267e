/// What Python means by a line and by white space, which the files' format inherited.
extension Unicode.Scalar {
    /// `str.isspace`: Unicode's separators, and among the controls the information separators too.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            true
        default: false
        }
    }

    /// `str.splitlines`.
    var endsLine: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension Substring.UnicodeScalarView {
    func trimmingEnd() -> Self {
        guard let last = lastIndex(where: { !$0.isPythonSpace }) else { return self[startIndex..<startIndex] }
        return self[...last]
    }

    func trimming() -> Self {
        let rest = trimmingEnd()
        guard let first = rest.firstIndex(where: { !$0.isPythonSpace }) else { return rest }
        return rest[first...]
    }
}

extension String.UnicodeScalarView {
    /// Lines ended by CR LF, CR or LF, without what ends them.
    var universalLines: [Substring.UnicodeScalarView] {
        var lines: [Substring.UnicodeScalarView] = []
        var start = startIndex
        var index = startIndex
        while index < endIndex {
            let scalar = self[index]
            guard scalar == "\n" || scalar == "\r" else {
                formIndex(after: &index)
                continue
            }
            lines.append(self[start..<index])
            formIndex(after: &index)
            if scalar == "\r", index < endIndex, self[index] == "\n" { formIndex(after: &index) }
            start = index
        }
        if start < endIndex { lines.append(self[start...]) }
        return lines
    }
}
