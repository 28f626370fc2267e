/// Goes through a segment's bytes: its records, and what in it is none.
///
/// The findings and the frame headers before records are all the bytes there are. Behind damage it looks for the next
/// whole frame, byte for byte.
package struct SegmentScanner: Sendable, Equatable {
    package enum Finding: Sendable, Equatable {
        /// Where the record is, without its frame's header.
        case record(Range<Int>)
        /// The end of a segment whose last write did not come to its end.
        case unfinished(Range<Int>)
        /// What is neither a record nor unfinished.
        case damage(Range<Int>)
    }

    private let number: UInt64
    /// Of what comes next.
    package private(set) var offset = 0

    /// - Parameter number: the segment's.
    package init(number: UInt64) {
        self.number = number
    }

    /// - Parameter bytes: the whole segment, the same at each call.
    /// - Returns: nil at the end.
    package mutating func next(in bytes: Span<UInt8>) -> Finding? {
        if offset == 0, let fault = header(of: bytes) { return fault }
        guard offset < bytes.count else { return nil }
        if let record = Segment.record(at: offset, of: bytes, number: number) {
            offset = record.upperBound
            return .record(record)
        }
        let start = offset
        offset += 1
        while offset < bytes.count, Segment.record(at: offset, of: bytes, number: number) == nil { offset += 1 }
        let isUnfinished = offset == bytes.count && Segment.isUnfinished(bytes.extracting(start...), isAtStart: false)
        return isUnfinished ? .unfinished(start..<offset) : .damage(start..<offset)
    }

    /// Steps over a good header. One of another version is damage like any other: frames are what their checksums say.
    private mutating func header(of bytes: Span<UInt8>) -> Finding? {
        offset = min(Segment.header.count, bytes.count)
        let isGood =
            offset == Segment.header.count && (0..<offset).allSatisfy { bytes[$0] == Segment.header[$0] }
        if isGood || bytes.isEmpty { return nil }
        guard Segment.isUnfinished(bytes, isAtStart: true) else { return .damage(0..<offset) }
        offset = bytes.count
        return .unfinished(0..<offset)
    }
}
