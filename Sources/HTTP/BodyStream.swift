/// A body that comes bit by bit, and ends with its connection: HTTP/1.0 and 1.1 need no length then (RFC 9112 §6.3).
///
/// Lives on its connection's loop, which asks for what comes next once the peer has taken what came before. That the
/// peer has gone shows at the next write.
package protocol BodyStream: AnyObject, Sendable {
    /// What comes next, in its own time.
    /// - Returns: nil: nothing more does.
    func next() async -> [UInt8]?

    /// Nobody takes any more of it: `next`, also one that waits, returns nil. To be called on the loop, more than once
    /// perhaps.
    func end()
}
