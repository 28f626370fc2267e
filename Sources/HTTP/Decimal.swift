extension [UInt8] {
    /// Appends the digits of a number that is not negative.
    package mutating func append(decimal number: Int) {
        var power = 1
        while number / power >= 10 { power *= 10 }
        while power > 0 {
            append(UInt8(ascii: "0") + UInt8(number / power % 10))
            power /= 10
        }
    }
}
