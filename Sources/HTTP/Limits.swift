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

    /// Requests that one connection may bring; the answer to the last says `Connection: close`.
    ///
    /// Pipelined ones among them are served one after another: what has come of the next ones meanwhile lies in a
    /// buffer of `receiveBytesMax`, and the rest in the system's, until its sender is made to wait.
    package var requestsMax = 1000

    /// For the TLS handshake.
    package var handshakeTimeout: Duration = .seconds(10)
    /// From the connection's start to the first byte of its first request.
    package var firstByteTimeout: Duration = .seconds(15)
    /// The same while the server drains: what a proxy sends right after it has connected is still taken.
    package var drainFirstByteTimeout: Duration = .seconds(1)
    /// Between requests. Proxies keep connections for up to 60 seconds as a rule; who closes first should be they, as
    /// their next request may be under way already.
    package var idleTimeout: Duration = .seconds(75)
    /// From the first byte of a request line to the end of the head.
    package var headerTimeout: Duration = .seconds(10)
    /// From the end of the head to the end of the body, however fast it comes.
    package var bodyTimeout: Duration = .seconds(30)
    /// Beyond `bodyRateGrace`, so many bytes of the body buy it another second.
    package var bodyBytesPerSecondMin = 1024
    /// What each body has, though none of it comes.
    package var bodyRateGrace: Duration = .seconds(5)
    /// For one answer to be taken by the peer.
    package var writeTimeout: Duration = .seconds(30)
    /// From the connection's start to the end of the PROXY header, where one must come.
    package var proxyHeaderTimeout: Duration = .seconds(5)

    package init() {}

    /// What may be received and not used yet: the largest head, and some of what follows it.
    package var receiveBytesMax: Int { requestLineBytesMax + headerBytesMax + 1024 }

    /// How long a body may take of which so many bytes have come.
    func bodyTimeout(bytesReceived: Int) -> Duration {
        min(bodyTimeout, bodyRateGrace + .seconds(bytesReceived) / bodyBytesPerSecondMin)
    }
}
