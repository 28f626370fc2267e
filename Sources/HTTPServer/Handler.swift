package import HTTP

/// What a server serves. Lives on the server's loop.
package protocol Handler {
    /// Answers one request. Runs to its end even if the client goes away meanwhile.
    func respond(to request: Request) async -> Response

    /// Answers bytes that are no request; the connection ends with it.
    func reject(_ error: ProtocolError) -> Response
}
