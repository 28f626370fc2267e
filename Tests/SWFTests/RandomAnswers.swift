import Heartbeat

/// What a service may answer, from the well-known forms of a fault to what no service should send; the same ones from
/// the same seed.
struct RandomAnswers {
    struct Answer: Sendable {
        var status = 400
        var headers: [String: String] = [:]
        var body: [UInt8] = []
    }

    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> Answer {
        var answer = Answer(status: pick(Self.statuses))
        if chance(3) { answer.headers["x-amzn-ErrorType"] = typeText() }
        if chance(12) { answer.headers["x-amzn-query-error"] = pick(Self.queryErrors) }
        answer.body = body()
        return answer
    }

    private mutating func body() -> [UInt8] {
        guard !chance(10) else { return Array(pick(Self.pages).utf8) }
        var members: [String] = []
        if !chance(4) { members.append("\"__type\":\(value())") }
        if chance(4) { members.append("\"code\":\(value())") }
        if chance(2) { members.append("\"\(pick(["message", "Message"]))\":\(pick(Self.messages))") }
        if chance(4) { members.append(pick(Self.otherMembers)) }
        members.shuffle(using: &random)
        var bytes = Array((space() + "{" + members.joined(separator: "," + space()) + "}" + space()).utf8)
        // Now and then a byte that does not belong there.
        if chance(16) {
            bytes[Int.random(in: bytes.indices, using: &random)] = Self.awkward.randomElement(using: &random) ?? 0
        }
        return bytes
    }

    private mutating func value() -> String {
        chance(12) ? pick(["null", "5", "true", "[]", "{\"__type\":\"A\"}"]) : "\"\(typeText())\""
    }

    private mutating func typeText() -> String {
        let name = chance(12) ? pick(Self.oddNames) : pick(Self.names)
        let namespace = chance(2) ? pick(Self.namespaces) + "#" : ""
        let uri = chance(3) ? ":" + pick(Self.uris) : ""
        return namespace + name + uri
    }

    private mutating func space() -> String { chance(8) ? pick([" ", "\n", "\r\n\t"]) : "" }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }
}

extension RandomAnswers {
    private static let statuses = [400, 400, 400, 400, 403, 404, 413, 429, 500, 500, 502, 503, 509, 301, 307]

    private static let names = [
        "UnknownResourceFault", "OperationNotPermittedFault", "LimitExceededFault", "ValidationException",
        "SerializationException", "ThrottlingException", "InternalFailure", "ServiceUnavailable", "RequestExpired",
        "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch",
        "ExpiredTokenException", "AWS.SimpleQueueService.NonExistentQueue", "Some_Fault2",
    ]

    private static let oddNames = [
        "", " ", "Unknown Resource", "F\u{E4}ult", "a/b", "a-b", " Fault", "Fault ", "#", "a#",
    ]
    private static let namespaces = [
        "com.amazonaws.swf.base.model", "com.amazon.coral.service", "aws.protocoltests.json10", "", "a#b",
    ]
    private static let uris = ["http://internal.amazon.com/coral/com.amazon.coral.validate/", "", "a#b", "a:b"]
    private static let queryErrors = ["Query.Name;Sender", "Query.Name", ";Sender", "a;b;c", ""]
    private static let messages = [
        "\"Rate exceeded\"", "\"\"", "\"Unknown activity, scheduledEventId = 5\"", "\"\\u00e4\\n\u{8A9E}\"", "null",
        "5",
    ]
    private static let otherMembers = [
        "\"a\":1", "\"Nested\":{\"Foo\":[\"bar\",null]}", "\"Type\":\"Sender\"", "\"__type\":\"Again\"",
        "\"a\":\"\\ud800\"", "\"a\":NaN", "\"a\":{\"b\":1,\"b\":2}", "\"TopLevel\":\"__type\"", "\"\":\"\"",
    ]
    private static let pages = [
        "", " \n", "<html><body><b>Http/1.1 Service Unavailable</b></body></html>", "<HTML>", "Service Unavailable",
        "[]", "[{\"__type\":\"A\"}]", "null", "\"UnknownResourceFault\"", "5", "{", "{\"__type\":\"A\"",
        "{\"__type\":\"A\"}{}", "\u{FEFF}{\"__type\":\"A\"}",
    ]
    private static let awkward = Array("\"\\{}[],:#0 \n\u{1}".utf8) + [0x80, 0xC0, 0xFF]
}
