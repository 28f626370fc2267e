internal import CLinux

/// An event of a loop's own: sent, it waits for its turn as what others send does, first at epoll and then in the
/// queue of jobs. For use on its loop only.
package final class LoopProbe: EventHandler {
    private let loop: EventLoop
    private let event: Descriptor
    private let came: () -> Void

    /// - Parameter came: it had its turn.
    /// - Throws: what eventfd(2) or epoll_ctl(2) says.
    package init(on loop: EventLoop, came: @escaping () -> Void) throws(SystemError) {
        self.loop = loop
        self.came = came
        event = try Descriptor(eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)), from: "eventfd")
        try loop.watch(event.number, for: [.readable, .edgeTriggered], handler: self)
    }

    package func send() {
        // Each adds to a number that is never read: edge-triggered, each is an event all the same.
        var one: UInt64 = 1
        _ = unsafe write(event.number, &one, MemoryLayout<UInt64>.size)
    }

    /// To be called before the last reference goes.
    package func stop() {
        loop.unwatch(event.number)
    }

    package func handle(_ events: Events, of descriptor: Int32) {
        loop.spawn { [came] in came() }
    }
}
