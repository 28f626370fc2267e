/// Parses the head of one response, as strictly as `RequestParser` does a request's (RFC 9112 §4, §5, §6.3).
///
/// Not taken, though RFC 9112 lets a client take it: a bare LF (§2.2), a folded line (§5.2), a length that comes twice
/// or beside a transfer coding (§6.3). What is lenient is one thing: the space after the status code may be missing
/// with the reason phrase (§4), as some servers have it.
struct ResponseParser: Sendable {
    enum Result: Sendable, Equatable {
        case partial
        case bad(ProtocolError)
        case head(ResponseHead)
    }

    /// Room for what servers send, made at once.
    private static let usualFieldCount = 12

    private var lines = HeadLines()
    private var statusLine: StatusLine?
    private var headerStart = 0
    private var entries: [Fields.Entry] = []
    private var control = ControlFields()

    /// Whether the status line has come: what is bad before that is no HTTP/1.
    var hasStatusLine: Bool { statusLine != nil }

    /// - Parameter bytes: all that came since the message's start: every time the same and more of it.
    /// - Returns: after `.bad` and `.head` the parser is spent.
    mutating func parse(_ bytes: Span<UInt8>, _ limits: borrowing Limits) -> Result {
        do throws(ProtocolError) {
            if statusLine == nil { try readStatusLine(bytes, limits) }
            guard let statusLine else { return .partial }
            let textEnd = headerStart + limits.headerBytesMax - 2
            while let line = try lines.next(in: bytes, textEnd: textEnd, orThrow: .requestHeaderFieldsTooLarge) {
                guard !line.isEmpty else { return .head(try finish(statusLine, bytes, limits)) }
                guard entries.count < limits.headerCountMax else { throw .requestHeaderFieldsTooLarge }
                let (name, value) = try bytes.fieldLine(line)
                try control.takeFraming(
                    name: name, value: value, in: bytes, minorVersion: statusLine.minorVersion)
                entries.append(Fields.Entry(name: name, value: value, from: headerStart))
            }
            return .partial
        } catch {
            return .bad(error)
        }
    }

    private mutating func readStatusLine(_ bytes: Span<UInt8>, _ limits: borrowing Limits) throws(ProtocolError) {
        let line = try lines.next(in: bytes, textEnd: limits.requestLineBytesMax, orThrow: .malformedRequest)
        guard let line else { return }
        statusLine = try StatusLine(line, in: bytes)
        headerStart = lines.start
        entries.reserveCapacity(Self.usualFieldCount)
    }

    private mutating func finish(
        _ line: StatusLine, _ bytes: Span<UInt8>, _ limits: borrowing Limits
    ) throws(ProtocolError) -> ResponseHead {
        let framing = framing(ofStatus: line.status)
        if case .length(let length) = framing, length > limits.bodyBytesMax { throw .contentTooLarge }
        let fields = Fields(bytes: bytes.copy(headerStart..<lines.start - 2), entries: entries)
        return ResponseHead(
            status: line.status, fields: fields,
            framing: framing,
            keepAlive: control.keepAlive(minorVersion: line.minorVersion) && framing != .untilClose,
            length: lines.start)
    }

    /// RFC 9112 §6.3, for requests other than HEAD and CONNECT.
    private func framing(ofStatus status: Int) -> ResponseHead.Framing {
        if status < 200 || status == 204 || status == 304 { return .length(0) }
        return switch control.framing {
        case .none: .untilClose
        case .length(let length): .length(length)
        case .chunked: .chunked
        }
    }
}

/// The status line and the fields of one response, checked.
struct ResponseHead: Sendable, Equatable {
    /// How the length of a response's body is known (RFC 9112 §6.3).
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    /// 100 to 999: what the hundreds mean is the caller's to say (RFC 9110 §15).
    var status: Int
    var fields: Fields
    var framing: Framing
    /// Whether the connection may be used again (RFC 9112 §9.3).
    var keepAlive: Bool
    /// Bytes of the head, the closing empty line included.
    var length: Int
}

/// `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4); the reason means nothing.
private struct StatusLine: Sendable {
    let minorVersion: Int
    let status: Int

    init(_ line: Range<Int>, in bytes: Span<UInt8>) throws(ProtocolError) {
        let (versionBytes, codeDigits) = (8, 3)
        let code = line.lowerBound + versionBytes + 1
        guard line.count >= versionBytes + 1 + codeDigits else { throw .malformedRequest }
        minorVersion = try bytes.minorVersion(line.lowerBound..<line.lowerBound + versionBytes)
        guard bytes[code - 1] == .space else { throw .malformedRequest }
        var status = 0
        for index in code..<code + codeDigits {
            guard bytes[index].isASCIIDigit else { throw .malformedRequest }
            status = status * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        guard status >= 100, code + codeDigits == line.upperBound || bytes[code + codeDigits] == .space else {
            throw .malformedRequest
        }
        self.status = status
    }
}
