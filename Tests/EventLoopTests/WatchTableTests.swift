import Testing

@testable import EventLoop

private final class CountingHandler: EventHandler {
    var count = 0

    func handle(_ events: Events, of descriptor: Int32) { count += 1 }
}

struct WatchTableTests {
    @Test func `an event of a closed descriptor does not reach the next one of its number`() {
        var table = WatchTable()
        let (first, second) = (CountingHandler(), CountingHandler())
        let stale = table.add(first, for: 5)
        table.remove(5)
        let fresh = table.add(second, for: 5)
        table.handler(for: stale)?.handle(.readable, of: 5)
        #expect((first.count, second.count) == (0, 0))
        table.handler(for: fresh)?.handle(.readable, of: 5)
        #expect((first.count, second.count) == (0, 1))
    }
}
