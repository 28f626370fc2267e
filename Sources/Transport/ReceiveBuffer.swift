internal import LibCrypto

/// The bytes of one connection that have come and are not used yet. Those that are used, there may be credentials among
/// them, are wiped: all but the unread ones are zeros.
package struct ReceiveBuffer {
    private static let capacityMin = 2048

    /// Room that nobody needs at the moment: all zeros, or none. It belongs to the buffers of one loop.
    package final class Spare {
        fileprivate var room: [UInt8] = []

        package init() {}
    }

    /// The unread bytes are `bytes[unread]`.
    package private(set) var bytes: [UInt8] = []
    package private(set) var unread = 0..<0
    private let capacityMax: Int
    private let spare: Spare

    /// - Parameter capacityMax: how many unread bytes it can hold; it grows to that only when they come, and shrinks
    ///   when all are consumed.
    package init(capacityMax: Int, spare: Spare = Spare()) {
        self.capacityMax = capacityMax
        self.spare = spare
    }

    /// Drops bytes from the front of the unread ones.
    package mutating func consume(_ count: Int) {
        wipe(&bytes, unread.lowerBound..<(unread.lowerBound + count))
        unread = unread.count == count ? 0..<0 : (unread.lowerBound + count)..<unread.upperBound
        giveBack()
    }

    /// Connections are idle most of the time, and there are thousands: those share their room.
    private mutating func giveBack() {
        guard unread.isEmpty, !bytes.isEmpty else { return }
        if bytes.count <= Self.capacityMin { spare.room = bytes }
        bytes = []
    }

    /// Has `fill` put bytes behind the unread ones. To be called only while fewer than `capacityMax` are unread.
    /// - Parameter fill: gets the free room, and says how many bytes it wrote there, or a number below 1, which is
    ///   given back and changes nothing.
    package mutating func fill(_ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom()
        let start = unread.upperBound
        let count = unsafe bytes.withUnsafeMutableBytes { room in
            unsafe fill(UnsafeMutableRawBufferPointer(rebasing: room[start...]))
        }
        if count > 0 { unread = unread.lowerBound..<(start + count) } else { giveBack() }
        return count
    }

    private mutating func makeRoom() {
        guard unread.upperBound == bytes.count else { return }
        if bytes.isEmpty, (1...capacityMax).contains(spare.room.count) { return swap(&bytes, &spare.room) }
        let capacity = min(capacityMax, max(Self.capacityMin, 2 * unread.count))
        // Not by `append`, which would leave what is here behind, unwiped.
        var room: [UInt8] = []
        room.reserveCapacity(capacity)
        room += bytes[unread]
        room.append(contentsOf: repeatElement(0, count: max(0, capacity - room.count)))
        wipe(&bytes, unread)
        bytes = room
        unread = 0..<unread.count
    }
}
