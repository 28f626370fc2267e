package import HTTP

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
        guard let bytes = headers.bytes(of: "x-amzn-requestid"), (1...Self.requestIDBytesMax).contains(bytes.count),
            bytes.allSatisfy({ 0x21...0x7E ~= $0 })
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `x-amzn-ErrorType`, as it came.
    package var errorType: String? { headers["x-amzn-errortype"] }
}

/// The header fields of an answer, in the order they came.
public struct AnswerHeaders: Sendable, Equatable {
    private var fields: Fields

    package init(_ fields: Fields = Fields()) {
        self.fields = fields
    }

    package init(_ list: [(name: String, value: String)]) {
        fields = Fields()
        for (name, value) in list { fields.append(name: name.utf8, value: value.utf8) }
    }

    /// - Parameter line: with its end; what has no colon is passed over.
    mutating func append(line: [UInt8]) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0D, 0x0A].contains($0) }
        let value = line[(colon + 1)...].drop(while: isSpace)
        let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? value.startIndex
        fields.append(name: line[..<colon], value: value[..<end])
    }

    var byteCount: Int { fields.bytes.count }

    /// The first field of that name, in whatever letters.
    public subscript(name: String) -> String? { fields.first(name) }

    func bytes(of name: String) -> ArraySlice<UInt8>? { fields.firstBytes(of: name) }

    /// All of them, in their order; names as they came.
    public var all: [(name: String, value: String)] {
        fields.entries.map { entry in
            (
                String(decoding: fields.bytes[entry.name], as: UTF8.self),
                String(decoding: fields.bytes[entry.value], as: UTF8.self)
            )
        }
    }
}
