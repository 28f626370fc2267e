// HTTP/1.1, section by section.

extension Clause {
    static let rfc9112 = message + requestLine + fieldLines + body + chunked + connection

    private static let message: [Clause] = [
        .init(
            "2.2", .must, "Parse a message as octets, not as Unicode text.",
            .test("a value that is not UTF-8 is unreadable, not absent")),
        .init(
            "2.2", .may, "Take a bare LF for a line end.",
            .stricter(
                "two recipients then see different lines",
                rows: [
                    "bare LF after the request line", "bare LF after a field", "bare LF as the last line",
                    "bare LF first",
                    "bare LF everywhere", "bare LF in a value",
                ])),
        .init(
            "2.2", .must, "Refuse a bare CR outside content, or replace it.",
            .rows(["bare CR in the request line", "bare CR in a name", "bare CR in a value", "CR CR LF"])),
        .init(
            "2.2", .should, "Pass over an empty line, at least one, before the request line; their number is bounded.",
            .rows([
                "one empty line first", "two empty lines first", "as many empty lines as are allowed",
                "an empty line where none is allowed", "the empty line does not count",
            ]),
            .test("an empty line after a body is passed over")),
        .init(
            "2.2", .must, "Refuse white space between the start line and the first field, or drop those lines.",
            .rows(["white space on the line before the first field"])),
        .init(
            "2.2", .should, "Answer 400 to what is no HTTP at all, and close.",
            .rows(["LF CR", "a line of white space"]), .test("what is no request is answered, and nothing after it")),
        .init(
            "2.3", .must, "The version is case-sensitive, two digits and a dot.",
            .rows([
                "the version in lower case", "no minor version", "two digits", "a comma", "a letter", "no digits",
                "a sign",
                "another protocol",
            ])),
        .init(
            "2.3", .must, "No version but HTTP/1.0 and HTTP/1.1 is served.",
            .rows(["HTTP/2.0", "HTTP/0.9 by name", "HTTP/1.2", "the preface of HTTP/2"])),
        .init(
            "2.3", .should, "Serve HTTP/1.0 as such.", .rows(["HTTP/1.0 without Host", "HTTP/1.0 with Host"]),
            .test("an HTTP/1.0 client is answered and the connection closed")),
    ]

    private static let requestLine: [Clause] = [
        .init(
            "3", .may, "Split the line at any white space.",
            .stricter(
                "one space between the parts is all that every recipient reads alike",
                rows: [
                    "two spaces before the target", "two spaces after the target", "a space first", "a space last",
                    "a tab for a space", "a tab beside a space",
                ])),
        .init(
            "3", .should, "Answer 400 to an invalid line, without mending it.",
            .rows(["no target", "HTTP/0.9", "one word", "NUL in the line", "a TLS hello"])),
        .init(
            "3", .should, "Take lines of 8,000 octets.", .test("the default limits hold to the byte"),
            .rows(["a request line at its limit"])),
        .init(
            "3", .must, "Answer 414 to a target that is too long.",
            .rows(["a request line over its limit", "without an end", "after an empty line"])),
        .init(
            "3.1", .must, "The method is a token, and case-sensitive.",
            .rows([
                "no method", "a method that is no token", "a method with a colon", "a method beyond ASCII",
                "methods are case-sensitive",
            ])),
        .init(
            "3.1", .should, "Answer 501 to a method longer than any that is implemented.",
            .rows(["a longer method", "an unknown method", "every character of a token"])),
        .init(
            "3.2", .must, "No white space in the target; its characters are a URI's.",
            .rows([
                "a space in the target", "a fragment", "a backslash", "a quotation mark", "beyond ASCII", "DEL",
                "braces",
                "square brackets", "angle brackets in the query", "every character of a path",
                "a fragment after the query", "a stray percent sign is the route's",
                "a token's slashes, pluses, equals signs", "percent-encoding is not undone",
            ])),
        .init(
            "3.2", .must, "Answer 400 to HTTP/1.1 without Host, to more than one, and to an invalid one.",
            .rows([
                "no Host", "no Host among others", "Host twice", "Host twice, equal", "Host twice in HTTP/1.0",
                "Host empty",
                "a list", "a path in Host", "a user in Host", "a scheme in Host", "a port over 65535",
                "IPv6 without brackets", "a bracket not closed", "no IPv6 address", "a name in brackets",
                "half a percent-encoding", "Host not first", "Host with a port", "Host with an empty port",
                "Host, IPv6", "Host, percent-encoded", "IPv4 in brackets", "a negative port", "a port of six digits",
                "a zone", "nine groups", "text after the bracket", "the future's address", "two gaps", "two ports",
            ])),
        .init(
            "3.2.1", .must, "origin-form: an absolute path, and a query or none.",
            .rows([
                "origin-form", "a path", "an empty path before the query", "the first question mark begins the query",
                "an empty query", "percent-encoding of a query is not undone", "two slashes first",
                "dot segments are not normalised",
            ])),
        .init("3.2", .must, "No relative path, no query alone.", .rows(["a relative path", "a query alone"])),
        .init(
            "3.2.2", .must, "Accept absolute-form, and let its authority win over Host.",
            .rows([
                "absolute-form, its authority wins", "absolute-form, https, any case", "absolute-form without a path",
                "absolute-form, a query and no path", "absolute-form, IPv6",
            ])),
        .init(
            "3.2.2", .must, "Host must be there beside it, and be valid.", .rows(["absolute-form, Host missing"])),
        .init(
            "3.2.2", .must, "Its URI is one that is served here.",
            .rows([
                "another scheme", "a scheme without slashes", "no host", "a port and no host", "user information",
                "a port that is no number",
            ])),
        .init(
            "3.2.3", .must, "authority-form is for CONNECT only, which is not implemented.",
            .rows(["authority-form for GET", "CONNECT", "CONNECT without a port"])),
        .init(
            "3.2.4", .must, "asterisk-form is for OPTIONS only.",
            .rows([
                "asterisk-form", "asterisk-form for GET", "two asterisks", "OPTIONS of a whole server, absolute",
                "OPTIONS of a path", "OPTIONS of a query, absolute",
            ])),
        .init(
            "3.3", .must, "Reconstruct the target URI.",
            .exempt("routes are found by the path alone; what the authority was, decides nothing")),
        .init(
            "4", .must, "A status line has its space even where the reason phrase is empty.",
            .test("a status without a phrase keeps its space")),
    ]

    private static let fieldLines: [Clause] = [
        .init(
            "5", .must, "A field line is a token, a colon, a value without the white space around it.",
            .rows([
                "no white space after the colon", "an empty value", "a value of white space", "a colon in a value",
                "no colon",
                "no name", "a name in quotation marks",
            ])),
        .init(
            "5.1", .must, "Answer 400 to white space between a name and its colon.",
            .rows([
                "a space before the colon", "a tab before the colon", "a space before the colon of Content-Length",
                "white space around the value",
            ])),
        .init(
            "5.2", .must, "Refuse obs-fold with 400, or unfold it.",
            .rows(["obs-fold with a space", "obs-fold with a tab", "obs-fold that looks like a field"])),
    ]

    private static let body: [Clause] = [
        .init(
            "6", .must, "A request's body is told by Content-Length or Transfer-Encoding, whatever its method.",
            .test("a request is served and the connection persists")),
        .init(
            "6.1", .must, "Decode chunked.", .rows(["chunked"]), .test("a chunked body is put together")),
        .init(
            "6.1", .must, "chunked is not applied twice, and is the last coding.",
            .rows(["chunked twice", "chunked in two lines"])),
        .init(
            "6.1", .should, "Answer 501 to a transfer coding that is not understood.",
            .rows(["an unknown coding before chunked", "one with parameters"])),
        .init(
            "6.1", .may, "Refuse Content-Length beside Transfer-Encoding, and close in any case.",
            .rows(["Content-Length, then chunked", "chunked, then Content-Length", "chunked, then Content-Length 0"]),
            .test("nothing after a bad head is answered")),
        .init("6.1", .must, "Take Transfer-Encoding in HTTP/1.0 for faulty framing, and close.", .rows(["HTTP/1.0"])),
        .init(
            "6.1", .must, "The field is a list of codings.",
            .stricter(
                "empty elements (RFC 9110 §5.6.1.2) would be one more way to write the same",
                rows: ["empty", "an empty element", "an empty element first"])),
        .init(
            "6.2", .must, "Content-Length is the content's length in octets.",
            .rows([
                "Content-Length", "Content-Length 0", "Content-Length with leading zeros", "a GET with content",
                "HTTP/1.0 with Content-Length",
            ])),
        .init(
            "6.3", .must, "Answer 400, and close, where chunked is not the last coding.",
            .rows(["chunked not last", "no chunked at all", "identity", "xchunked"])),
        .init(
            "6.3", .must, "Answer 400, and close, to an invalid Content-Length.",
            .rows([
                "a plus sign", "a minus sign", "empty", "a space between digits", "hexadecimal", "a fraction",
                "a letter",
                "19 digits", "2^64 + 5", "two different lines", "different lines in different case", "a different list",
            ])),
        .init(
            "6.3", .may, "Take a list of equal lengths for one.",
            .stricter(
                "repeated lengths are how requests are smuggled",
                rows: ["two equal lines", "an equal list", "an open list"])),
        .init(
            "6.3", .must, "Without either field a request has no body.",
            .rows(["POST with neither length nor coding", "PUT with neither length nor coding"])),
        .init(
            "6.3", .should, "Answer 400, and close, where the body does not come to its end.",
            .test("the end of the stream ends the connection"), .test("a request that ends in its midst is answered")),
    ]

    private static let chunked: [Clause] = [
        .init(
            "7", .must, "Codings' names are compared without regard to case.", .rows(["chunked in another case"])),
        .init("7", .must, "A coding is a token with parameters.", .rows(["no token", "two words"])),
        .init(
            "7.1", .must, "Decode chunks of any size that is allowed.",
            .rows([
                "no chunk", "one chunk", "two chunks", "hexadecimal in both cases", "leading zeros, 16 digits",
                "line ends in the data", "any byte in the data", "the body at its limit", "what follows is left alone",
            ])),
        .init(
            "7.1", .must, "Guard against sizes that overflow.",
            .rows([
                "17 digits", "a chunk over the limit", "chunks over the limit", "the largest chunk there is",
                "the largest there is, after another",
            ])),
        .init(
            "7.1", .must, "A size is hexadecimal digits and nothing else.",
            .rows([
                "no size", "an extension without a size", "a space before the extension", "a space before the size",
                "a space after the size",
                "a tab after the size", "0x", "a plus sign", "a minus sign", "a letter beyond F", "an underscore",
            ])),
        .init(
            "7.1", .must, "CRLF ends the size line and the data.",
            .rows([
                "bare LF after the size", "bare CR after the size", "no CRLF after the data",
                "another byte for the CR after the data", "bare LF after the data", "bare CR after the data",
                "more data than said", "bare LF at the very end", "bare LF after the last chunk",
                "CR CR LF at the very end",
            ])),
        .init(
            "7.1", .should, "Take parameters of chunked for an error.",
            .rows(["chunked with a parameter", "chunked with a parameter, then chunked"])),
        .init(
            "7.1.1", .must, "Pass over extensions that are not known.",
            .rows(["an extension", "several, one quoted", "an empty quoted value"])),
        .init(
            "7.1.1", .must, "An extension that is not well-formed hides a line end from someone.",
            .rows([
                "an empty extension", "two semicolons", "no name",
                "no value", "a space in it",
                "text after the quotation mark", "a quotation mark not closed", "CRLF between quotation marks",
                "LF in an extension", "CR in an extension", "escaped LF", "NUL in an extension",
            ])),
        .init(
            "7.1.1", .should, "Limit the extensions' length, and answer 4xx beyond it.",
            .rows([
                "a line at its limit", "a line over its limit", "extensions over their limit together",
                "one over the limit, before its extension",
            ])),
        .init(
            "7.1.2", .may, "Drop trailers; they are never merged into the head.",
            .rows(["trailers are dropped", "trailers at their limit", "trailers over their limit"])),
        .init(
            "7.1.2", .must, "Trailers are field lines.",
            .rows([
                "a trailer without a colon", "a trailer without a name", "a space before the colon", "a trailer folded",
                "bare LF after a trailer", "bare CR in a trailer", "NUL in a trailer", "a request for a trailer",
            ])),
        .init(
            "7.1.3", .must, "What is decoded does not depend on how it came.",
            .test("a valid body is decoded, however it is cut")),
        .init("7.2", .may, "Compressed codings.", .exempt("not implemented: 501, see §6.1")),
        .init("7.4", .must, "TE says what a client takes.", .exempt("no response has a transfer coding or trailers")),
        .init(
            "8", .may, "Answer a request that is cut short before closing.",
            .test("the end of the stream ends the connection")),
    ]

    private static let connection: [Clause] = [
        .init(
            "9.2", .must, "Answer requests of a connection in their order.",
            .test("pipelined requests are answered in their order")),
        .init(
            "9.3", .must, "HTTP/1.1 persists unless it says close; HTTP/1.0 where it asks for it.",
            .rows([
                "close", "close in another case", "close in a list", "close in a second line", "close wins",
                "keep-alive",
                "only the whole token is close", "HTTP/1.0 keep-alive", "HTTP/1.0 keep-alive and close",
            ]), .test("HTTP 1 0 closes unless it asks")),
        .init(
            "9.3", .must, "Read the whole body, or close after the answer.",
            .test("a body that is not wanted is not read, and the connection ends"),
            .test("nothing after a bad body is answered")),
        .init(
            "9.3.2", .may, "Serve pipelined requests one after another.",
            .test("pipelined requests are served one after another"), .rows(["what follows the head is left alone"])),
        .init("9.4", .should, "Limit connections.", .test("whoever comes while the server is full waits")),
        .init(
            "9.5", .should, "Close a connection that times out.",
            .test("each wait has its own timeout"), .test("an idle connection is closed without a word")),
        .init(
            "9.6", .must, "Say close in the last answer, read no request after it.",
            .test("Connection says what HTTP's version does not"),
            .test("close is honoured and what follows is not read"),
            .rows([
                "empty list elements", "an empty list", "a Connection option that is no token",
                "one in quotation marks",
            ])),
        .init(
            "9.6", .should, "Close in steps, so that the client reads the last answer.",
            .test("a client still sending its refused body reads the answer")),
        .init("9.7", .must, "TLS.", .exempt("a transport under the connection, tested with it")),
        .init("9.8", .must, "Closing TLS.", .exempt("a transport under the connection, tested with it")),
        .init("10", .may, "message/http.", .exempt("TRACE is not implemented")),
        .init("11.1", .must, "No response can be split.", .test("what cannot be sent becomes a bare 500")),
        .init(
            "11.2", .must, "No request can be smuggled.",
            .rows(["Content-Length, then chunked", "chunked, then Content-Length"]),
            .test("no line of a request may end with half a CRLF")),
    ]
}
