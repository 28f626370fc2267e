/// The one place where responses become bytes (RFC 9112 §4).
package enum ResponseEncoder {
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
        let closes = context.closes || response.stream != nil
        let response = isSendable(response) ? response : Response(status: 500)
        // The version is the server's, not the request's (RFC 9110 §2.5).
        append("HTTP/1.1 ", to: &output)
        append(String(response.status), to: &output)
        append(" ", to: &output)
        append(reasonPhrase(response.status), to: &output)
        appendField("Date", date.description, to: &output)
        if closes {
            appendField("Connection", "close", to: &output)
        } else if context.minorVersion == 0 {
            appendField("Connection", "keep-alive", to: &output)
        }
        let length = contentLength(of: response)
        if let length { appendField("Content-Length", String(length), to: &output) }
        for (name, value) in response.fields { appendField(name, value, to: &output) }
        append("\r\n\r\n", to: &output)
        if let length, length > 0, context.method != .head { output.append(contentsOf: response.body) }
        return response.status
    }

    /// Appends the interim response that lets a client send its body (RFC 9110 §15.2.1).
    package static func encodeContinue(into output: inout [UInt8]) {
        append("HTTP/1.1 100 Continue\r\n\r\n", to: &output)
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

    private static func isSendable(_ response: Response) -> Bool {
        (200...599).contains(response.status)
            && response.fields.allSatisfy { isForHandlers($0.name) && isFieldValue($0.value) }
    }

    private static func isFieldValue(_ text: String) -> Bool {
        let utf8 = text.utf8.span
        return utf8.indices.allSatisfy { utf8[$0].isFieldText }
    }

    /// Whether this is a field name, and of no field that frames the message.
    private static func isForHandlers(_ name: String) -> Bool {
        let utf8 = name.utf8.span
        guard !utf8.isEmpty, utf8.indices.allSatisfy({ utf8[$0].isTokenCharacter }) else { return false }
        switch utf8.count {
        case 4: return !equals(name, "date")
        case 10: return !equals(name, "connection")
        case 14: return !equals(name, "content-length")
        case 17: return !equals(name, "transfer-encoding")
        default: return true
        }
    }

    private static func equals(_ name: String, _ lowercased: String) -> Bool {
        name.utf8.elementsEqual(lowercased.utf8) { $0.lowercased == $1 }
    }

    /// The line end comes before the field: the status line has none yet.
    private static func appendField(_ name: String, _ value: String, to output: inout [UInt8]) {
        append("\r\n", to: &output)
        append(name, to: &output)
        append(": ", to: &output)
        append(value, to: &output)
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }
}
