/// The one place where responses become bytes (RFC 9112 §4).
package enum ResponseEncoder {
    /// Room for a head, made at once.
    private static let usualHeadBytes = 512

    /// Appends the response with `Date`, `Content-Length` and, where it says something, `Connection`; of one with a
    /// stream the head, without a length.
    ///
    /// No response can be split or framed twice: one with a field name that is no token, a value with a control
    /// character, a field that is the encoder's, or a status outside 200 to 599 goes out as a bare 500.
    ///
    /// - Returns: the status sent.
    @discardableResult
    package static func encode(
        _ response: Response, for context: ResponseContext, date: HTTPDate, into output: inout [UInt8]
    ) -> Int {
        let start = output.count
        let closes = context.closes || response.stream != nil
        let length = contentLength(of: response)
        output.reserveCapacity(start + usualHeadBytes + response.body.count)
        if (200...599).contains(response.status) {
            appendHead(response.status, length, closes, context, date, to: &output)
            if appendFields(of: response, to: &output) {
                output.append("\r\n\r\n")
                if let length, length > 0, context.method != .head { output.append(contentsOf: response.body) }
                return response.status
            }
            output.removeLast(output.count - start)
        }
        appendHead(500, 0, closes, context, date, to: &output)
        output.append("\r\n\r\n")
        return 500
    }

    /// Appends the interim response that lets a client send its body (RFC 9110 §15.2.1).
    package static func encodeContinue(into output: inout [UInt8]) {
        output.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// For HEAD it is what GET would have. 204 must have none, and 304 has no body to measure (RFC 9110 §8.6); a 205
    /// is empty (§15.3.6).
    private static func contentLength(of response: Response) -> Int? {
        switch response.status {
        case _ where response.stream != nil: nil
        case 204, 304: nil
        case 205: 0
        default: response.body.count
        }
    }

    /// The status line and the encoder's own fields. A line's end comes with what follows it.
    private static func appendHead(
        _ status: Int, _ length: Int?, _ closes: Bool, _ context: ResponseContext, _ date: HTTPDate,
        to output: inout [UInt8]
    ) {
        // The version is the server's, not the request's (RFC 9110 §2.5).
        output.append("HTTP/1.1 ")
        output.append(decimal: status)
        output.append(.space)
        output.append(reasonPhrase(status))
        output.append("\r\nDate: ")
        output.append(date.description)
        if closes {
            output.append("\r\nConnection: close")
        } else if context.minorVersion == 0 {
            output.append("\r\nConnection: keep-alive")
        }
        if let length {
            output.append("\r\nContent-Length: ")
            output.append(decimal: length)
        }
    }

    /// - Returns: false where one of them may not be sent.
    private static func appendFields(of response: Response, to output: inout [UInt8]) -> Bool {
        for (name, value) in response.fields {
            let nameStart = output.count + 2
            let nameEnd = output.appendField(name, value)
            let bytes = output.span
            guard bytes.isToken(nameStart..<nameEnd), !isOurs(nameStart..<nameEnd, in: bytes),
                bytes.endOfText(nameEnd..<bytes.count) == bytes.count
            else { return false }
        }
        return true
    }

    /// Whether this is the name of a field that frames the message.
    private static func isOurs(_ name: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        switch name.count {
        case 4: bytes.equalsIgnoringCase(name, "date")
        case 10: bytes.equalsIgnoringCase(name, "connection")
        case 14: bytes.equalsIgnoringCase(name, "content-length")
        case 17: bytes.equalsIgnoringCase(name, "transfer-encoding")
        default: false
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: String) {
        let utf8 = text.utf8.span
        append(addingCapacity: utf8.count) { output in
            for index in utf8.indices { output.append(utf8[index]) }
        }
    }

    /// Appends a line's end and a field.
    /// - Returns: where the name ends.
    fileprivate mutating func appendField(_ name: String, _ value: String) -> Int {
        let (nameBytes, valueBytes) = (name.utf8.span, value.utf8.span)
        let nameEnd = count + 2 + nameBytes.count
        append(addingCapacity: nameBytes.count + valueBytes.count + 4) { output in
            output.append(.carriageReturn)
            output.append(.lineFeed)
            for index in nameBytes.indices { output.append(nameBytes[index]) }
            output.append(UInt8(ascii: ":"))
            output.append(.space)
            for index in valueBytes.indices { output.append(valueBytes[index]) }
        }
        return nameEnd
    }
}
