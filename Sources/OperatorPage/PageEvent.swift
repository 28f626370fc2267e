/// One server-sent event: the whole of the page anew, so that nobody has to be sent what he missed.
package struct PageEvent: Sendable, Equatable {
    /// Unlike that of any event of another process.
    package let id: String
    package let body: String

    /// After a connection that broke.
    static let retryMilliseconds = 2000

    package init(id: String, body: String) {
        self.id = id
        self.body = body
    }

    /// As it goes over the wire (HTML Standard, 9.2.5).
    package var bytes: [UInt8] {
        // A carriage return would end a line as well.
        let lines = body.split(omittingEmptySubsequences: false) { $0.isNewline }.map { "data: \($0)\n" }
        return Array("retry: \(Self.retryMilliseconds)\nid: \(id)\n\(lines.joined())\n".utf8)
    }
}
