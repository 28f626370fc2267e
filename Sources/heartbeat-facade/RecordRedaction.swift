/// Takes secrets out of text that is shown: services repeat what they were sent.
struct Redaction: Sendable {
    private var secrets: [(text: [UInt8], name: String)] = []

    /// What is shorter is nobody's secret, and would take other words apart.
    private static let secretBytesMin = 4
    private static let signature = Array("Signature=".utf8)

    /// - Parameter secret: nil and what is too short are passed over.
    mutating func hide(_ secret: String?, as name: String) {
        guard let secret, secret.utf8.count >= Self.secretBytesMin else { return }
        let plain = Array(secret.utf8)
        // JSON may have a backslash before a slash.
        let escaped = plain.flatMap { $0 == UInt8(ascii: "/") ? [UInt8(ascii: "\\"), $0] : [$0] }
        secrets += Set([plain, escaped]).map { ($0, name) }
        // One may be the beginning of another.
        secrets.sort { $0.text.count > $1.text.count }
    }

    func applied(to text: String) -> String {
        var rest = Array(text.utf8)[...]
        var shown: [UInt8] = []
        while let byte = rest.first {
            if let (secret, name) = secrets.first(where: { rest.starts(with: $0.text) }) {
                shown += Array("<\(name)>".utf8)
                rest = rest.dropFirst(secret.count)
            } else if rest.starts(with: Self.signature) {
                shown += Self.signature + Array("<signature>".utf8)
                rest = rest.dropFirst(Self.signature.count).drop(while: Self.isHexadecimal)
            } else {
                shown.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }
}
