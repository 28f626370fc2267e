import Foundation
import TestSupport

/// The heartbeats that a driver sends, as bytes: one form each, in which only the digits of the number change.
struct Beat {
    static let key = TestKey.text
    /// Of a caller that may only read.
    private static let readingKey = "hbf_c7DkiC9Cl22tBQ8BYIu1Db79JJjvK4k5DCUXXv3Y4QoV"
    static let keyLines = """
        \(TestKey.line(of: "driver"))
        reader:0fc772796cc7360b3c3331f3882e56e75e2c4b770571de7be046fad743c12823:audit
        """

    /// The numbers' digits: standard base64 too, so that they also end a token and make it this heartbeat's own.
    private static let digits = 12
    private static let placeholder = [UInt8](repeating: UInt8(ascii: "0"), count: digits)

    private var bytes: [UInt8]
    /// Where the number's digits begin: in the token, in the request's id.
    private let numberAt: [Int]

    /// - Parameters:
    ///   - word: base64 of what the simulator is to do, a multiple of four characters.
    ///   - prefix: of the request's id, which ends with a dot and the number.
    private init(word: String, prefix: String, key: String = key, body: String) {
        let number = String(decoding: Self.placeholder, as: UTF8.self)
        let lines = [
            "POST /tasks/\(word)\(number)/heartbeat HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer \(key)",
            "Content-Type: application/json", "X-Request-Id: \(prefix).\(number)",
            "Content-Length: \(body.utf8.count)",
        ]
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        self.bytes = bytes
        numberAt = bytes.indices.filter { bytes[$0...].starts(with: Self.placeholder) }
    }

    /// Most are recorded; the others see to rows of each sort: relayed and refused, refused by ourselves.
    static func forms(prefix: String, detailsLength: Int) -> [Beat] {
        let body = "{\"details\":\"\(String(repeating: "%", count: detailsLength))\"}"
        let recorded = Beat(word: "b2sj", prefix: prefix, body: body)
        return Array(repeating: recorded, count: 12) + [
            Beat(word: "Y2FuY2VsIyMj", prefix: prefix, body: body),
            Beat(word: "dW5rbm93biMj", prefix: prefix, body: body),
            Beat(word: "b2sj", prefix: prefix, key: readingKey, body: body),
            Beat(word: "b2sj", prefix: prefix, body: #"{"detail":1}"#),
        ]
    }

    /// With a key that nobody has.
    static func stranger(prefix: String) -> Beat {
        Beat(word: "b2sj", prefix: prefix, key: "nobody's", body: "{}")
    }

    static func id(prefix: String, number: Int) -> String {
        let text = String(number)
        return "\(prefix).\(String(repeating: "0", count: max(0, digits - text.utf8.count)))\(text)"
    }

    /// Calls `body` with the request of that number.
    ///
    /// - Parameter task: the number that its token has; nil: the same.
    mutating func withBytes<Result>(
        number: Int, ofTask task: Int? = nil, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        for (start, value) in zip(numberAt, [task ?? number, number]) {
            var rest = value
            for position in (start..<start + Self.digits).reversed() {
                bytes[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        return bytes.withUnsafeBytes(body)
    }
}
