package import HTTP

/// What a server serves. Lives on the server's loop.
package protocol Handler {
    /// Answers one request. Runs to its end even if the client goes away meanwhile.
    func respond(to request: Request) async -> Response

    /// Whether the body matters to the answer: a client that has sent `Expect: 100-continue` is told at once where it
    /// does not. The request's body has not come.
    func wantsBody(of request: Request) -> Bool

    /// Answers bytes that are no request; the connection ends with it.
    func reject(_ error: ProtocolError) -> Response
}

extension Handler {
    package func wantsBody(of request: Request) -> Bool { true }
}
