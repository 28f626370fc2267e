package import HTTP

/// What a server serves. Lives on the server's loop.
package protocol Handler {
    /// Answers one request. Runs to its end even if the client goes away meanwhile.
    func respond(to request: Request) async -> Response

    /// Whether the body matters to the answer: a client that has sent `Expect: 100-continue` is told at once where it
    /// does not. The request's body has not come.
    func wantsBody(of request: Request) -> Bool

    /// Answers a request that the loop has no room or no time for, with no more ado than that takes.
    /// - Parameter retryAfter: how long the caller is to wait.
    func refuse(_ request: Request, _ reason: OverloadRule.Reason, retryAfter: Duration) -> Response

    /// Answers bytes that are no request; the connection ends with it.
    func reject(_ error: ProtocolError) -> Response
}

extension Handler {
    package func wantsBody(of request: Request) -> Bool { true }

    package func refuse(_ request: Request, _ reason: OverloadRule.Reason, retryAfter: Duration) -> Response {
        let seconds = max(1, Int((retryAfter / .seconds(1)).rounded(.up)))
        return Response(status: 503, fields: [(name: "Retry-After", value: String(seconds))])
    }
}
