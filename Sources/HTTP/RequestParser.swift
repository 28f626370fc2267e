/// Parses the head of one request, strictly (RFC 9112 §2 to §7, RFC 9110 §5).
///
/// It works line by line and remembers how far it is: bytes that drip in cost no more than bytes that come at once, and
/// a bad line is refused when it is seen, not when the head ends. The answer does not depend on how the bytes were cut.
package struct RequestParser: Sendable {
    package enum Result: Sendable, Equatable {
        case partial
        case bad(ProtocolError)
        case head(RequestHead)
    }

    /// Room for what clients send, made at once.
    private static let usualFieldCount = 16

    let limits: Limits
    private var lines = HeadLines()
    private var leadingEmptyLines = 0
    private var requestLine: RequestLine?
    private var headerStart = 0
    private var entries: [Fields.Entry] = []
    private var control = ControlFields()

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Begins with another message.
    mutating func reset() {
        self = RequestParser(limits: limits)
    }

    /// Whether a byte of the request line has come; empty lines before it do not count.
    package var hasStarted: Bool { requestLine != nil || lines.isInLine }

    /// - Parameter message: all that came since the message's start: every time the same and more of it.
    /// - Returns: after `.bad` and `.head` the parser is spent.
    package mutating func parse(_ message: ArraySlice<UInt8>) -> Result {
        let bytes = message.span
        do throws(ProtocolError) {
            while let line = try nextLine(in: bytes) {
                if let requestLine {
                    guard !line.isEmpty else { return .head(try finish(requestLine, message)) }
                    try takeField(line, bytes, minorVersion: requestLine.minorVersion)
                } else if line.isEmpty {
                    leadingEmptyLines += 1
                    if leadingEmptyLines > limits.leadingEmptyLinesMax { throw .malformedRequest }
                } else {
                    requestLine = try RequestLine(line, in: bytes)
                    headerStart = lines.start
                    entries.reserveCapacity(Self.usualFieldCount)
                }
            }
            return .partial
        } catch {
            return .bad(error)
        }
    }

    private mutating func nextLine(in bytes: Span<UInt8>) throws(ProtocolError) -> Range<Int>? {
        if requestLine == nil {
            try lines.next(in: bytes, textEnd: lines.start + limits.requestLineBytesMax, orThrow: .uriTooLong)
        } else {
            try lines.next(
                in: bytes, textEnd: headerStart + limits.headerBytesMax - 2, orThrow: .requestHeaderFieldsTooLarge)
        }
    }

    private mutating func takeField(
        _ line: Range<Int>, _ bytes: Span<UInt8>, minorVersion: Int
    ) throws(ProtocolError) {
        guard entries.count < limits.headerCountMax else { throw .requestHeaderFieldsTooLarge }
        let (name, value) = try bytes.fieldLine(line)
        try control.take(name: name, value: value, in: bytes, minorVersion: minorVersion)
        entries.append(Fields.Entry(name: name, value: value))
    }

    private mutating func finish(
        _ line: RequestLine, _ message: ArraySlice<UInt8>
    ) throws(ProtocolError) -> RequestHead {
        // RFC 9112 §3.2: required even where an absolute-form target overrules it.
        if line.minorVersion == 1, control.host == nil { throw .malformedRequest }
        let framing = control.framing
        if case .length(let length) = framing, length > limits.bodyBytesMax { throw .contentTooLarge }
        var (bytes, path) = (Array(message.prefix(lines.start - 2)), line.target.path)
        if path.isEmpty {
            // RFC 9112 §3.2.4: what OPTIONS asks of a URI without path and query, it asks of the whole server.
            let isOfServer = line.method == .options && line.target.query == nil
            path = bytes.count..<bytes.count + 1
            bytes.append(UInt8(ascii: isOfServer ? "*" : "/"))
        }
        return RequestHead(
            method: line.method, pathRange: path, queryRange: line.target.query,
            fields: Fields(bytes: bytes, entries: entries),
            minorVersion: line.minorVersion, authority: line.target.authority ?? control.host, framing: framing,
            keepAlive: control.keepAlive(minorVersion: line.minorVersion),
            expectsContinue: control.expectsContinue && line.minorVersion == 1, length: lines.start)
    }
}
