/// The format of a segment: a header of 8 bytes, and frames to the end.
///
/// A frame is a mark of 4 bytes, the record's length and a CRC-32C of 4 bytes each, the lowest first, and the record.
/// The CRC is that of the segment's number and the frame's place in the segment, 8 bytes each, of the length and of the
/// record. So a frame counts in its own place only: not where a disk brings an old block back, and not where a record
/// happens to hold a frame. The mark is what a reader looks for behind damage.
package enum Segment {
    /// The last byte is the format's version.
    package static let header = Array("HBSPOOL".utf8) + [1]
    private static let mark: UInt32 = 0xFA42_48F5
    package static let frameHeaderBytes = 12
    package static let recordBytesMax = 1 << 20
    /// Of a file: one that is longer was not written here.
    package static let bytesMax = 16 << 20

    /// Puts a frame at the end of what is to be written.
    /// - Parameters:
    ///   - record: 1 to `recordBytesMax` bytes.
    ///   - offset: where in the segment the frame will be.
    package static func append(_ record: [UInt8], to bytes: inout [UInt8], number: UInt64, offset: Int) {
        append(mark, to: &bytes)
        append(UInt32(record.count), to: &bytes)
        append(checksum(of: record.span, number: number, offset: offset), to: &bytes)
        bytes += record
    }

    /// - Returns: where the record is that a whole frame at `offset` holds; nil where there is no such frame.
    static func record(at offset: Int, of bytes: Span<UInt8>, number: UInt64) -> Range<Int>? {
        guard bytes.count - offset > frameHeaderBytes, unsigned(at: offset, of: bytes) == mark else { return nil }
        guard let length = length(at: offset, of: bytes) else { return nil }
        let start = offset + frameHeaderBytes
        guard length <= bytes.count - start else { return nil }
        let record = start..<start + length
        let found = unsigned(at: offset + 8, of: bytes)
        guard checksum(of: bytes.extracting(record), number: number, offset: offset) == found else { return nil }
        return record
    }

    /// Whether what follows the last whole record, or is in place of the header, is what a write leaves that did not
    /// come to its end: the beginning of what was to be there, and zeros where a file system had only made room.
    static func isUnfinished(_ rest: Span<UInt8>, isAtStart: Bool) -> Bool {
        var count = rest.count
        while count > 0, rest[count - 1] == 0 { count -= 1 }
        let expected = isAtStart ? header : (0..<4).map { UInt8(truncatingIfNeeded: mark >> (8 * $0)) }
        guard (0..<min(count, expected.count)).allSatisfy({ rest[$0] == expected[$0] }) else { return false }
        if isAtStart { return count < header.count }
        // Of a length whose bytes are zeros in part nothing can be said.
        guard count >= 8 else { return true }
        guard let length = length(at: 0, of: rest) else { return false }
        return count < frameHeaderBytes + length
    }

    // MARK: Numbers

    private static func length(at offset: Int, of bytes: Span<UInt8>) -> Int? {
        let length = Int(unsigned(at: offset + 4, of: bytes))
        return (1...recordBytesMax).contains(length) ? length : nil
    }

    private static func checksum(of record: Span<UInt8>, number: UInt64, offset: Int) -> UInt32 {
        var crc = CRC32C()
        crc.add(number)
        crc.add(UInt64(offset))
        crc.add(UInt32(record.count))
        crc.add(record)
        return crc.value
    }

    private static func unsigned(at offset: Int, of bytes: Span<UInt8>) -> UInt32 {
        let low = UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
        return low | UInt32(bytes[offset + 2]) << 16 | UInt32(bytes[offset + 3]) << 24
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
