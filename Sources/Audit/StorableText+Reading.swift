/// The text that is stored as `stored`: undoes `storable`.
func originalText(_ stored: String) -> String {
    let bytes = Array(stored.utf8)
    guard bytes.contains(backslash) else { return stored }
    var original: [UInt8] = []
    original.reserveCapacity(bytes.count)
    var rest = bytes[...]
    while !rest.isEmpty {
        let backslashes = rest.prefix { $0 == backslash }
        rest = rest.dropFirst(backslashes.count)
        if rest.starts(with: escapedNull) {
            original += backslashes.prefix(backslashes.count / 2)
            if backslashes.count % 2 == 1 {
                original.append(0)
                rest = rest.dropFirst(escapedNull.count)
            }
        } else {
            original += backslashes
        }
        let plain = rest.prefix { $0 != backslash }
        original += plain
        rest = rest.dropFirst(plain.count)
    }
    return String(decoding: original, as: UTF8.self)
}
