/// A caller's rate limit as operators write it: `10/s`, or `10/s:50` with a burst.
package enum RateLimitText {
    package static let rateMax = 1_000_000

    /// Whether both numbers are from 1 to `rateMax`.
    package static func isValid(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let unit = Array("/s".utf8)
        guard parts[0].suffix(unit.count).elementsEqual(unit), isNumber(parts[0].dropLast(unit.count)) else {
            return false
        }
        return parts.count == 1 || isNumber(parts[1])
    }

    private static func isNumber(_ digits: Substring.UTF8View) -> Bool {
        guard (1...7).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return Int(Substring(digits)).map { (1...rateMax).contains($0) } ?? false
    }
}
