/// What a handler answers. `Date`, `Content-Length` and `Connection` are the encoder's to add.
package struct Response: Sendable {
    /// 200 to 599.
    package var status: Int
    package var fields: [(name: String, value: String)]
    package var body: [UInt8]
    /// So many bytes of its end are not sent: the connection is closed instead, as by a server that breaks.
    package var withheldBytes = 0
    /// Follows the head instead of `body`; the connection ends with it.
    package var stream: (any BodyStream)?

    package init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
