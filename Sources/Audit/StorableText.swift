internal import Glibc

/// A text as the column keeps it: as it is, but for U+0000, which PostgreSQL's `text` cannot hold.
///
/// U+0000 is stored as `\u0000`. So that this can be undone, backslashes that stand right before a U+0000 or before the
/// characters `u0000` are doubled. To read: an odd number of backslashes before `u0000` is a U+0000 after half as many
/// backslashes; an even number is half as many backslashes and the characters `u0000`.
func storable(_ text: String) -> String {
    if isCertainlyStorable(text) { return text }
    let bytes = Array(text.utf8)
    var stored: [UInt8] = []
    stored.reserveCapacity(bytes.count + escapedNull.count)
    /// Backslashes that the last byte stored ends with.
    var backslashes = 0
    for (index, byte) in bytes.enumerated() {
        if byte == 0 {
            stored += Array(repeating: backslash, count: backslashes) + [backslash] + escapedNull
        } else {
            if bytes[index...].starts(with: escapedNull) {
                stored += Array(repeating: backslash, count: backslashes)
            }
            stored.append(byte)
        }
        backslashes = byte == backslash ? backslashes + 1 : 0
    }
    return String(decoding: stored, as: UTF8.self)
}

/// Whether the column keeps a text as it is; false where that takes a closer look.
func isCertainlyStorable(_ text: String) -> Bool {
    // memchr(3): a loop of ours takes a microsecond over all the texts of a row.
    unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
        guard let start = bytes.baseAddress else { return true }
        return unsafe memchr(start, 0, bytes.count) == nil && memchr(start, Int32(backslash), bytes.count) == nil
    } ?? false
}

let backslash = UInt8(ascii: "\\")
let escapedNull = Array("u0000".utf8)
