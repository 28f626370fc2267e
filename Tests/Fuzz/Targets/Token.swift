import Authentication
import Heartbeat

/// A JSON Web Token, as it is; or a header in the first line and claims in the rest, which are put together to one; or
/// an issuer's keys. Nothing is signed: what is looked at is all that happens before.
@Sendable func checkToken(_ input: [UInt8]) throws(Violation) {
    try checkAsToken(input)
    let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
    let (header, claims) = (input[..<end], input[end...].dropFirst())
    try checkAsToken(encoded(header) + [UInt8(ascii: ".")] + encoded(claims) + Array(".AAAA".utf8))
    if let keys = try? KeySet(input) {
        try require(keys.count + keys.skipped.count <= KeySet.keysMax, "\(keys.count) keys")
    }
    try require(Base64URL.decode(encoded(input[...])) == input, "other bytes once encoded")
}

private func checkAsToken(_ input: [UInt8]) throws(Violation) {
    guard let token = CompactJWS(input[...]) else { return }
    try require(input.count <= CompactJWS.bytesMax, "\(input.count) bytes")
    try require(CompactJWS.isMeant(by: input), "not two dots")
    for foreign in [" ", "\n", "=", ".", "+", "/", "\0"] {
        try require(CompactJWS((input + foreign.utf8)[...]) == nil, "\(foreign) at the end")
        try require(CompactJWS((foreign.utf8 + input)[...]) == nil, "\(foreign) at the beginning")
    }
    let now = 1_800_000_000.0
    guard let (caller, expiration) = TokenRules(audiences: ["a"], heartbeatScope: "beat").judge(token, now: now) else {
        return
    }
    try require((1...128).contains(caller.name.utf8.count), "a name of \(caller.name.utf8.count) bytes")
    try require(caller.name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x3a }, "a name that is none")
    try require(caller.authentication == .jwt, "\(caller.authentication)")
    try require((now - 60...253_402_300_799).contains(expiration), "until \(expiration)")
}

/// base64url without padding.
private func encoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    var (bits, count) = (UInt32(0), 0)
    for byte in bytes {
        (bits, count) = (bits << 8 | UInt32(byte), count + 8)
        while count >= 6 {
            count -= 6
            text.append(digits[Int(bits >> UInt32(count)) & 63])
        }
    }
    if count > 0 { text.append(digits[Int(bits << UInt32(6 - count)) & 63]) }
    return text
}
