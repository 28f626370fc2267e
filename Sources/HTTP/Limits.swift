/// What one connection may cost. Every default stands here.
package struct Limits: Sendable, Equatable {
    /// The request line without its CRLF; over it: 414. A task token of 1,024 characters takes up to 3,072 here.
    package var requestLineBytesMax = 8192
    /// All field lines with their CRLFs; over it: 431.
    package var headerBytesMax = 16384
    /// Field lines; over it: 431.
    package var headerCountMax = 100
    /// The body with its transfer coding undone; over it: 413.
    package var bodyBytesMax = 65536
    /// One chunk's size and extensions, without the CRLF; over it: 400.
    package var chunkLineBytesMax = 256
    /// The extensions of all chunks of a body together (RFC 9112 §7.1.1); over it: 400.
    package var chunkExtensionBytesMax = 1024
    /// All trailer lines with their CRLFs; over it: 431.
    package var trailerBytesMax = 1024
    /// Empty lines before a request line that are passed over (RFC 9112 §2.2); over it: 400.
    package var leadingEmptyLinesMax = 1

    /// Between requests.
    package var idleTimeout: Duration = .seconds(75)
    /// From the first byte of a request line to the end of the head.
    package var headerTimeout: Duration = .seconds(10)
    /// From the end of the head to the end of the body.
    package var bodyTimeout: Duration = .seconds(30)
    /// For one answer to be taken by the peer.
    package var writeTimeout: Duration = .seconds(30)

    package init() {}
}
