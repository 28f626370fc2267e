/// Who watches which descriptor. A descriptor's number is used again once it is closed, so each watch has a generation,
/// and an event taken for an earlier one finds nobody.
struct WatchTable {
    /// The key of the loop's own alarm; no descriptor is that high.
    static let alarmKey = UInt64.max

    private struct Watch {
        var handler: (any EventHandler)?
        var generation: UInt32 = 0
    }

    private var watches: [Watch] = []

    static func descriptor(of key: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: key)
    }

    /// - Returns: the key that epoll is to give back with the events.
    mutating func add(_ handler: any EventHandler, for descriptor: Int32) -> UInt64 {
        while watches.count <= Int(descriptor) { watches.append(Watch()) }
        watches[Int(descriptor)].generation &+= 1
        watches[Int(descriptor)].handler = handler
        return key(of: descriptor)
    }

    mutating func remove(_ descriptor: Int32) {
        guard Int(descriptor) < watches.count else { return }
        watches[Int(descriptor)].handler = nil
    }

    func key(of descriptor: Int32) -> UInt64 {
        UInt64(watches[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    func handler(for key: UInt64) -> (any EventHandler)? {
        let descriptor = Self.descriptor(of: key)
        guard Int(descriptor) < watches.count, self.key(of: descriptor) == key else { return nil }
        return watches[Int(descriptor)].handler
    }
}
