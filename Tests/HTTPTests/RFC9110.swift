// HTTP's semantics, section by section: what of them is a server's. What a route decides, HeartbeatTests hold.

extension Clause {
    static let rfc9110 = fields + routing + methods + context + statuses

    private static func semantic(
        _ section: String, _ level: Level, _ requirement: String, _ coverage: Coverage...
    ) -> Clause {
        var clause = Clause("RFC 9110 §" + section, level, requirement)
        clause.coverage = coverage
        return clause
    }

    private static let fields: [Clause] = [
        semantic(
            "2.5", .should, "Serve a higher minor version as the highest that is known.",
            .exempt("there is none, and who sends one tests for confusion: 505, RFC 9112 §2.3")),
        semantic(
            "4.2.1", .must, "An http URI has a host.", .rows(["no host", "a port and no host", "Host empty"])),
        semantic("4.2.4", .should, "Treat user information as an error.", .rows(["user information"])),
        semantic(
            "5.1", .must, "Names are tokens, compared without regard to case.",
            .rows([
                "a name in another case", "a space in a name", "parentheses in a name", "a name in quotation marks",
                "a name beyond ASCII",
            ])),
        semantic(
            "5.3", .must, "Keep the order of lines with the same name.", .rows(["the same name twice"]),
            .test("order, duplicates and values are kept")),
        semantic(
            "5.4", .must, "Answer 4xx to fields beyond what is taken, and never drop them.",
            .rows([
                "fields at their limit in bytes", "fields at their limit in number", "bytes", "an empty field more",
                "a line without an end", "fields",
            ])),
        semantic(
            "5.5", .must,
            "Refuse CR, LF and NUL in a value, or replace them; other control characters are invalid too.",
            .rows([
                "NUL in a name", "NUL in a value", "a vertical tab in a value", "escape in a value", "DEL in a value",
                "a tab in a value", "obs-text in a value", "a vertical tab before it",
            ])),
        semantic(
            "5.6.1.2", .must, "Pass over a reasonable number of empty list elements.",
            .rows(["empty list elements", "an empty list"])),
        semantic("5.6.2", .must, "Tokens have exactly tchar.", .rows(["every character of a name"])),
        semantic("5.6.7", .must, "Dates are sent as IMF-fixdate.", .test("seconds become an IMF-fixdate")),
        semantic(
            "6.1", .must, "A message that is not complete is not served.",
            .test("short of its last byte, a valid request is partial")),
        semantic("6.5", .must, "Trailers are not merged unless defined so.", .exempt("dropped: RFC 9112 §7.1.2")),
        semantic(
            "6.6.1", .must, "Date is in each answer of a server with a clock.",
            .test("a response has its date, its length and its fields")),
    ]

    private static let routing: [Clause] = [
        semantic(
            "7.2", .must, "Host is uri-host and port.",
            .rows(["Host with a port", "a list", "a path in Host", "a user in Host", "a scheme in Host"])),
        semantic(
            "7.4", .may, "421 for an authority that is not served.",
            .exempt("the service has no names of its own: whatever reached it was meant for it")),
        semantic(
            "7.6.1", .must, "Connection is a list of tokens.",
            .rows(["a Connection option that is no token", "one in quotation marks"])),
        semantic("7.6.2", .must, "Max-Forwards.", .exempt("for who forwards TRACE and OPTIONS")),
        semantic("7.6.3", .must, "Via.", .exempt("no message is forwarded: a call to SWF is a request of its own")),
        semantic("7.8", .may, "Ignore Upgrade.", .rows(["an upgrade is ignored"])),
        semantic(
            "8.4", .must, "Refuse a content coding that is not known, with 415.",
            .test("only JSON comes in, and only who takes JSON gets an answer")),
        semantic(
            "8.6", .must, "Content-Length is digits; ours is exact, for HEAD as for GET, and not in 204 and 1xx.",
            .rows(["Content-Length with leading zeros", "a plus sign", "hexadecimal"]),
            .test("HEAD is told the length and sent no body"),
            .test("a status without content has neither length nor body"), .test("the interim response is whole")),
    ]

    private static let methods: [Clause] = [
        semantic(
            "9", .must, "GET and HEAD are implemented, and the others known.",
            .rows(["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])),
        semantic(
            "9.1", .should, "501 to a method that is not known, 405 with Allow where a route does not have it.",
            .rows(["an unknown method", "methods are case-sensitive", "a longer method", "every character of a token"]),
            .test("what is no heartbeat is answered without an audit row")),
        semantic("9.3.1", .may, "A GET with content is not an error.", .rows(["a GET with content"])),
        semantic(
            "9.3.2", .must, "HEAD has no content in its answer.",
            .test("HEAD is answered without the body that it announces")),
        semantic(
            "9.3.6", .must, "Refuse a CONNECT that is not implemented; nothing after it is a request.",
            .rows(["CONNECT", "CONNECT without a port"])),
        semantic(
            "9.3.7", .may, "Answer OPTIONS.",
            .exempt("the contract has none: 405, whose Allow says the same, and 404 for the asterisk")),
        semantic("9.3.8", .may, "Answer TRACE.", .exempt("never: 405, so that no credentials come back")),
    ]

    private static let context: [Clause] = [
        semantic("10.1.1", .must, "Compare 100-continue without regard to case.", .rows(["100-continue"])),
        semantic(
            "10.1.1", .must, "Ignore 100-continue in HTTP/1.0.", .rows(["100-continue in HTTP/1.0 is ignored"])),
        semantic(
            "10.1.1", .may, "Answer 417 to other expectations.",
            .rows(["another expectation", "one more", "none", "a parameter"])),
        semantic(
            "10.1.1", .must, "Send 100, or a final answer where the head alone decides it.",
            .test("100 is sent once to a client that waits"), .test("100 is not sent where there is no body"),
            .test("100 is not sent for a body that is too large"),
            .test("a client that waits is answered at once where its body is not wanted"),
            .test("a body is wanted only where nothing before it refuses the heartbeat")),
        semantic(
            "10.1.1", .may, "Leave 100 out where content came.", .test("100 is not sent to one that does not wait")),
        semantic(
            "10.2.1", .must, "Allow is in each 405.", .test("some codes say more in the header")),
        semantic(
            "10.2.3", .may, "Retry-After in whole seconds.",
            .test("Retry-After is at least one second, and only where the code carries it")),
        semantic(
            "11.6.1", .must, "WWW-Authenticate is in each 401.", .test("some codes say more in the header")),
        semantic(
            "12.5.1", .should, "Honour Accept, or answer 406.",
            .test("only JSON comes in, and only who takes JSON gets an answer")),
        semantic("13", .must, "Preconditions.", .exempt("no representation here has a validator")),
        semantic("14", .may, "Ranges.", .exempt("ignored, as any server may")),
    ]

    private static let statuses: [Clause] = [
        semantic(
            "15.2.1", .must, "A 1xx is never sent to an HTTP/1.0 client.",
            .test("100 is not sent to one that does not wait")),
        semantic("15.3.6", .must, "205 has no content.", .test("205 is empty and says so")),
        semantic(
            "15.5.9", .should, "408 to a request that does not come in time, and close.",
            .test("a timeout is answered where a request has begun")),
        semantic(
            "15.5.14", .may, "413 to a body that is too large, and close.",
            .rows(["a body at its limit", "over the limit", "18 digits", "a small body limit"])),
        semantic(
            "15.6.6", .should, "505 to a major version that is not known.",
            .test("a bad request is refused, however it is cut")),
    ]
}
