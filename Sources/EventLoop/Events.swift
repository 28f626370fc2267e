internal import CLinux

/// What epoll reports of a descriptor, and what is asked of it.
package struct Events: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let readable = Events(rawValue: EPOLLIN.rawValue)
    package static let writable = Events(rawValue: EPOLLOUT.rawValue)
    /// The peer has closed its writing half.
    package static let peerClosed = Events(rawValue: EPOLLRDHUP.rawValue)
    /// Reported unasked: an error, or both halves closed.
    package static let failed = Events(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    /// Reported once a change, not as long as it holds.
    package static let edgeTriggered = Events(rawValue: EPOLLET.rawValue)
}

/// Takes the events of the descriptors that it has the loop watch. Called on the loop.
package protocol EventHandler: AnyObject {
    func handle(_ events: Events, of descriptor: Int32)
}
