/// What came back from a service, whatever its status.
public struct Answer: Sendable, Equatable {
    public var status: Int
    public var headers: AnswerHeaders
    public var body: [UInt8]

    private static let requestIDBytesMax = 128

    package init(status: Int, headers: AnswerHeaders = AnswerHeaders(), body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// `x-amzn-RequestId`, where it is 1 to 128 visible ASCII characters: it goes into our own answers' headers, rows
    /// and logs.
    public var requestID: String? {
        guard let text = headers["x-amzn-requestid"], (1...Self.requestIDBytesMax).contains(text.utf8.count),
            text.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { return nil }
        return text
    }

    /// `x-amzn-ErrorType`, as it came.
    package var errorType: String? { headers["x-amzn-errortype"] }
}

/// The header fields of an answer, kept as they came and looked through when asked: hardly any is ever looked at.
public struct AnswerHeaders: Sendable, Equatable {
    /// Lines that end in LF, perhaps after CR.
    private var bytes: [UInt8] = []

    package init() {}

    package init(_ fields: [(name: String, value: String)]) {
        for (name, value) in fields { append(Array("\(name): \(value)\r\n".utf8)) }
    }

    mutating func append(_ line: some Sequence<UInt8>) {
        bytes.append(contentsOf: line)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    var byteCount: Int { bytes.count }

    /// The first field of that name.
    /// - Parameter name: in small letters.
    public subscript(name: String) -> String? {
        for line in lines {
            if let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isEqual(line[..<colon], name) {
                return Self.trimmed(line[(colon + 1)...])
            }
        }
        return nil
    }

    /// All of them, in their order; names as they came.
    public var all: [(name: String, value: String)] {
        lines.compactMap { line in
            line.firstIndex(of: UInt8(ascii: ":")).map { colon in
                (String(decoding: line[..<colon], as: UTF8.self), Self.trimmed(line[(colon + 1)...]))
            }
        }
    }

    private var lines: some Sequence<ArraySlice<UInt8>> {
        bytes.lazy.split(separator: UInt8(ascii: "\n"))
    }

    private static func isEqual(_ field: ArraySlice<UInt8>, _ name: String) -> Bool {
        field.count == name.utf8.count
            && zip(field, name.utf8).allSatisfy { byte, letter in
                byte == letter || (0x41...0x5A ~= byte && byte | 0x20 == letter)
            }
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? value.startIndex
        return String(decoding: value[..<end].drop(while: isSpace), as: UTF8.self)
    }
}
