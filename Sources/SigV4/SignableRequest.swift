/// A request as it goes over the wire, as far as signatures are concerned with it.
/// Never shown: its body and its headers may carry secrets.
package struct SignableRequest: Sendable, CustomStringConvertible, CustomReflectable {
    package var method: String
    /// As in the request target: absolute and already percent-encoded, where it needs to be.
    package var path: String
    /// As in the request target, without the question mark: already percent-encoded.
    package var query: String
    /// `Host` must be among them. A name that comes more than once counts with all its values, in their order.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String, path: String = "/", query: String = "", headers: [(name: String, value: String)],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    package var description: String { "<request>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
