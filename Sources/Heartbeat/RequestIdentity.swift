internal import JSON

import HTTP

/// The ids under which a request is found again.
enum RequestIdentity {
    private static let charactersMax = 128

    /// The caller's `X-Request-Id` where it is harmless to repeat everywhere, else a new one.
    static func requestID(_ fields: Fields, new: () -> UUIDv7) -> String {
        let values = fields.values(named: "X-Request-Id")
        guard values.count == 1, let id = values.first, (1...charactersMax).contains(id.utf8.count),
            id.utf8.allSatisfy(isAllowed)
        else { return new().description }
        return id
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The trace of a valid `traceparent`, else of a new one (W3C Trace Context §4.3).
    static func traceID(_ fields: Fields, random: () -> UInt64) -> String {
        let values = fields.values(named: "traceparent")
        if values.count == 1, let id = traceID(ofParent: Array(values[0].utf8)) { return id }
        var bytes: [UInt8] = []
        // An id of zeros is invalid (§3.2.2.3).
        for word in [random() | 1, random()] {
            for byte in word.bytes { bytes.appendHexadecimal(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `version "-" trace-id "-" parent-id "-" flags`; versions after 00 may go on after another dash (§3.2.2, §4.3).
    private static func traceID(ofParent parent: [UInt8]) -> String? {
        let dash = UInt8(ascii: "-")
        let length = 55
        guard parent.count >= length, parent[2] == dash, parent[35] == dash, parent[52] == dash,
            parent.count == length || (parent[length] == dash && !parent.starts(with: "00".utf8)),
            !parent.starts(with: "ff".utf8)
        else { return nil }
        let traceID = parent[3..<35]
        let parentID = parent[36..<52]
        for part in [parent[0..<2], traceID, parentID, parent[53..<55]] {
            guard part.allSatisfy({ $0.hexadecimalDigit != nil && !(0x41...0x46).contains($0) }) else { return nil }
        }
        let isZero = { (part: ArraySlice<UInt8>) in part.allSatisfy { $0 == UInt8(ascii: "0") } }
        guard !isZero(traceID), !isZero(parentID) else { return nil }
        return String(decoding: traceID, as: UTF8.self)
    }
}
