/// A connection as its server has it to do with while it is served.
protocol ServedConnection: AnyObject {
    /// The server will drain: the next answer is the connection's last, and says so.
    func announceClose()

    /// The server drains: what is under way is finished.
    func drain()

    /// The time is up: what is under way is cut off.
    func abandon()
}
