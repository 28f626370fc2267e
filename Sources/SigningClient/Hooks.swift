/// A request before it is signed: what a hook may look at and change.
public struct OutgoingRequest: Sendable {
    /// Those that are signed, in their order.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
}

/// One attempt that has ended.
public struct AttemptReport: Sendable {
    /// From 1 on.
    public var number: Int
    public var duration: Duration
    public var answer: Answer?
    /// nil: the operation has its result.
    public var failure: CallFailure?
}

/// What a client's owner is told of each attempt. Called on the client's loop, which waits for it.
public struct Hooks {
    /// Is given each attempt's request before it is signed; what it changes is signed and sent. The target, the host
    /// and the length follow from the call.
    public var willSign: ((inout OutgoingRequest) -> Void)?
    public var attemptEnded: ((AttemptReport) -> Void)?
    /// How many connections are open now, and how many of them have a request under way.
    public var connectionsChanged: ((_ open: Int, _ active: Int) -> Void)?

    public init(
        willSign: ((inout OutgoingRequest) -> Void)? = nil, attemptEnded: ((AttemptReport) -> Void)? = nil,
        connectionsChanged: ((_ open: Int, _ active: Int) -> Void)? = nil
    ) {
        self.willSign = willSign
        self.attemptEnded = attemptEnded
        self.connectionsChanged = connectionsChanged
    }
}
