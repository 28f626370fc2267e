enum Hexadecimal {
    /// - Returns: nil where there are others than digits, or half a byte.
    static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard values.count == digits.count, values.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
