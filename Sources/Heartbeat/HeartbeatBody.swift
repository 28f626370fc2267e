internal import JSON

/// The body of a heartbeat, read and checked.
package struct HeartbeatBody: Sendable, Equatable {
    /// The longest `details`, counted both in Unicode code points and in UTF-16 code units: SWF's limit
    /// is in "characters", and clients of both minds exist.
    package static let detailsCharactersMax = 2048

    /// How many unknown members an error names.
    private static let namesMax = 8

    /// Where it is in the body, and nowhere else.
    package var taskToken: TaskToken?
    /// nil: none were given.
    package var details: String?
    package var heartbeatTimeout: Duration?

    /// - Parameters:
    ///   - bytes: a JSON object, or nothing.
    ///   - carriesToken: whether the call is `POST /tasks/heartbeat`, which has no token in its path.
    /// - Throws: `.invalidRequest`, without a trace of the token or the details.
    package init(_ bytes: [UInt8], carriesToken: Bool) throws(Problem) {
        if !carriesToken, let details = Self.plainDetails(bytes) {
            self.details = details
            return
        }
        var (token, details, timeout): (JSONValue?, JSONValue?, JSONValue?)
        var unknown: [String] = []
        for member in try Self.members(bytes) {
            switch member.name {
            case "details": details = member.value
            case "heartbeatTimeout": timeout = member.value
            case "taskToken" where carriesToken: token = member.value
            default: unknown.append(member.name)
            }
        }
        if !unknown.isEmpty { throw Self.refusal(of: unknown, carriesToken: carriesToken) }
        if carriesToken { taskToken = try Self.taskToken(token) }
        self.details = try Self.details(details)
        heartbeatTimeout = try HeartbeatTimeout.of(timeout)
    }

    /// Those of `{"details":"…"}` as most clients send it, with nothing in it to look up, to decode or to refuse.
    /// - Returns: nil for all else.
    private static func plainDetails(_ bytes: [UInt8]) -> String? {
        let (begin, end) = (plainBegin.count, bytes.count - 2)
        guard (begin...begin + detailsCharactersMax).contains(end), bytes.starts(with: plainBegin),
            bytes[end] == UInt8(ascii: "\""), bytes[end + 1] == UInt8(ascii: "}")
        else { return nil }
        for byte in bytes[begin..<end] {
            guard (0x20..<0x7F).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                return nil
            }
        }
        return String(decoding: bytes[begin..<end], as: UTF8.self)
    }

    private static let plainBegin = Array("{\"details\":\"".utf8)

    /// Empty, or JSON's `null`, which some clients write where they have no body to send.
    package static func isNothing(_ bytes: [UInt8]) -> Bool {
        if bytes.isEmpty { return true }
        let text = bytes.drop(while: isSpace)
        return text.starts(with: null) && text.dropFirst(null.count).allSatisfy(isSpace)
    }

    private static let null = Array("null".utf8)

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func members(_ bytes: [UInt8]) throws(Problem) -> [JSONMember] {
        if isNothing(bytes) { return [] }
        do {
            return try JSON.members(of: bytes)
        } catch {
            throw Problem(.invalidRequest, "The body is not accepted: \(error).")
        }
    }

    private static func refusal(of unknown: [String], carriesToken: Bool) -> Problem {
        let names = unknown.prefix(namesMax).map { JSON.quoted($0.shortened) }.joined(separator: ", ")
        let rest = unknown.count > namesMax ? " and \(unknown.count - namesMax) more" : ""
        let known = (carriesToken ? ["taskToken"] : []) + ["details", "heartbeatTimeout"]
        let allowed = known.map(JSON.quoted).joined(separator: ", ")
        return Problem(
            .invalidRequest, "Leave out what the body may not have: \(names)\(rest); it may have \(allowed).")
    }

    private static func taskToken(_ value: JSONValue?) throws(Problem) -> TaskToken {
        guard case .string(let text) = value else {
            throw Problem(.invalidRequest, "The body needs the member \"taskToken\", a string.")
        }
        return try TaskToken(validating: text)
    }

    /// A string stands for itself, any other value for its compact text.
    private static func details(_ value: JSONValue?) throws(Problem) -> String? {
        let text: String
        switch value {
        case nil, .null: return nil
        case .string(let string): text = string
        case .bool(let bool): text = bool ? "true" : "false"
        case .other(let compact): text = compact
        }
        try checkDetails(text)
        return text
    }

    /// - Throws: `.invalidRequest` where they are too long.
    package static func checkDetails(_ text: String) throws(Problem) {
        // There are never more code points than UTF-16 units, so that one count holds both to the limit.
        let length = text.utf16.count
        guard length <= detailsCharactersMax else {
            let limit = "at most \(detailsCharactersMax) characters (UTF-16 code units)"
            throw Problem(.invalidRequest, "Shorten details to \(limit): they have \(length).")
        }
    }
}
