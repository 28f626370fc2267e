import Spool
import Testing

struct FormatTests {
    /// Small enough for all that can happen to it. The third record looks like a frame.
    private static let small: WrittenSegment = {
        var inner: [UInt8] = []
        Segment.append([0x42], to: &inner, number: 7, offset: 0)
        return WrittenSegment([[0x61], Array("second".utf8), inner, [0, 0xFF, 0x10]])
    }()

    /// The bytes are those of a few lines of Python that know the format by its description.
    @Test func `the format stays what it is`() {
        let written = WrittenSegment([[0x61], [0, 0xFF, 0x10], Array(0..<37)], number: 0x0102_0304_0506_0708)
        let expected: [UInt8] = [
            0x48, 0x42, 0x53, 0x50, 0x4F, 0x4F, 0x4C, 0x01,
            0xF5, 0x48, 0x42, 0xFA, 0x01, 0x00, 0x00, 0x00, 0x22, 0x70, 0xFC, 0x52, 0x61,
            0xF5, 0x48, 0x42, 0xFA, 0x03, 0x00, 0x00, 0x00, 0xD9, 0x1B, 0x70, 0x92, 0x00, 0xFF, 0x10,
            0xF5, 0x48, 0x42, 0xFA, 0x25, 0x00, 0x00, 0x00, 0x1D, 0xAB, 0x1C, 0x27,
        ]
        #expect(written.bytes == expected + Array(0..<37))
        #expect(
            findings(in: written.bytes, number: written.number)
                == [.record(20..<21), .record(33..<36), .record(48..<85)])
    }

    @Test func `each beginning of a segment has its whole records and an unfinished end`() {
        let segment = Self.small
        for length in 0...segment.bytes.count {
            let whole = segment.records.filter { $0.upperBound <= length }
            let end = segment.frames.last { $0.upperBound <= length }?.upperBound ?? Segment.header.count
            var expected = whole.map(SegmentScanner.Finding.record)
            if length > 0 && length < Segment.header.count { expected.append(.unfinished(0..<length)) }
            if length > end { expected.append(.unfinished(end..<length)) }
            #expect(findings(in: Array(segment.bytes[..<length])) == expected, "\(length) bytes")
        }
    }

    @Test func `each beginning with zeros behind it is unfinished too`() {
        let segment = Self.small
        let zeros = [UInt8](repeating: 0, count: 100)
        for length in 0..<segment.bytes.count {
            let found = findings(in: segment.bytes[..<length] + zeros)
            let whole = segment.records.filter { $0.upperBound <= length }
            #expect(found.compactMap(\.record).starts(with: whole), "\(length) bytes")
            guard let last = found.last, case .unfinished(let range) = last else {
                Issue.record("no unfinished end after \(length) bytes: \(found)")
                continue
            }
            #expect(range.upperBound == length + zeros.count)
        }
    }

    @Test func `each flipped bit costs the record that it is in, and is reported`() {
        let segment = Self.small
        for bit in 0..<segment.bytes.count * 8 {
            var bytes = segment.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            let found = findings(in: bytes)
            let hit = segment.frames.first { $0.contains(bit / 8) } ?? 0..<Segment.header.count
            let missing = found.filter { $0.record == nil }
            #expect(found.compactMap(\.record) == zip(segment.frames, segment.records).filter { $0.0 != hit }.map(\.1))
            #expect(missing.map(\.range) == [hit], "bit \(bit)")
            // Only the last one's length can make it look like one that is not whole yet.
            if case .unfinished = missing.first { #expect(hit == segment.frames.last) }
        }
    }

    @Test func `each flipped bit of each beginning yields no wrong record, and a report`() {
        let segment = Self.small
        for length in 1..<segment.bytes.count {
            for bit in 0..<length * 8 {
                var bytes = Array(segment.bytes[..<length])
                bytes[bit / 8] ^= 1 << (bit % 8)
                let found = findings(in: bytes)
                let whole = segment.records.filter { record in
                    record.upperBound <= length
                        && !(record.lowerBound - Segment.frameHeaderBytes..<record.upperBound).contains(bit / 8)
                }
                let isReported = found.contains { $0.record == nil && $0.range.contains(bit / 8) }
                if found.compactMap(\.record) != whole || !isReported {
                    Issue.record("\(length) bytes, bit \(bit): \(found)")
                }
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `whatever happens to a segment, what is found in it was appended there`(seed: UInt64) {
        var random = SplitMix64(state: seed)
        let segment = WrittenSegment((0..<30).map { _ in Self.record(&random) })
        #expect(findings(in: segment.bytes) == segment.records.map(SegmentScanner.Finding.record))
        for _ in 0..<20 {
            var bytes = segment.bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) { Self.harm(&bytes, &random) }
            let found = findings(in: bytes)
            for record in found.compactMap(\.record) {
                #expect(segment.records.contains(record) && bytes[record] == segment.bytes[record])
            }
            // Every byte is accounted for.
            var next = found.first.map(\.range.lowerBound) ?? 0
            #expect(bytes.isEmpty || next == 0 || next == Segment.header.count)
            for finding in found {
                #expect(finding.range.lowerBound == next)
                next = finding.range.upperBound
            }
            #expect(next == bytes.count || bytes == Segment.header)
            // What was not harmed is not lost.
            let unharmed = zip(segment.frames, segment.records).filter { frame, _ in
                frame.upperBound <= bytes.count && bytes[frame] == segment.bytes[frame]
            }
            #expect(found.compactMap(\.record) == unharmed.map(\.1))
        }
    }

    /// Bytes of many kinds, frames of the same segment among them.
    private static func record(_ random: inout SplitMix64) -> [UInt8] {
        let count = Int.random(in: 1...(Bool.random(using: &random) ? 40 : 600), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return [UInt8](repeating: 0, count: count)
        case 1:
            var frames: [UInt8] = []
            while frames.count < count { Segment.append([1, 2, 3], to: &frames, number: 7, offset: frames.count) }
            return frames
        case 2: return (0..<count).map { [0xF5, 0x48, 0x42, 0xFA, 0x01, 0x00, 0x00, 0x00][$0 % 8] }
        default: return (0..<count).map { _ in .random(in: .min ... .max, using: &random) }
        }
    }

    private static func harm(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard bytes.count > 1 else { return }
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 1...700, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: for index in start..<end { bytes[index] = 0 }
        case 2: for index in start..<end { bytes[index] = .random(in: .min ... .max, using: &random) }
        case 3: bytes.removeSubrange(start..<end)
        case 4: bytes.removeSubrange(start...)
        default: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
        }
    }

    struct End: CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let isUnfinished: Bool
    }

    private static let mark = Array(small.bytes[8..<12])

    @Test(arguments: [
        End(testDescription: "zeros", bytes: [0, 0, 0], isUnfinished: true),
        End(testDescription: "half a mark", bytes: Array(mark[..<2]), isUnfinished: true),
        End(testDescription: "half a length", bytes: mark + [9, 1], isUnfinished: true),
        End(testDescription: "half a record", bytes: mark + [9, 0, 0, 0, 1, 2, 3, 4, 5], isUnfinished: true),
        End(testDescription: "no mark", bytes: [1], isUnfinished: false),
        End(testDescription: "a wrong checksum", bytes: mark + [1, 0, 0, 0, 1, 2, 3, 4, 5], isUnfinished: false),
        End(testDescription: "a length of nothing", bytes: mark + [0, 0, 0, 0, 1, 2, 3, 4, 5], isUnfinished: false),
        End(testDescription: "a length beyond all", bytes: mark + [1, 0, 0x10, 0, 1], isUnfinished: false),
    ])
    func `what a write can leave is told from damage`(_ end: End) {
        let whole = WrittenSegment([[1, 2, 3]])
        let range = whole.bytes.count..<whole.bytes.count + end.bytes.count
        #expect(
            findings(in: whole.bytes + end.bytes)
                == [.record(whole.records[0]), end.isUnfinished ? .unfinished(range) : .damage(range)])
    }

    @Test func `a segment counts under its own number only`() {
        let segment = WrittenSegment([[1], [2]], number: 7)
        #expect(findings(in: segment.bytes, number: 8) == [.damage(8..<segment.bytes.count)])
    }

    @Test func `the longest record is found, and a longer one is none`() {
        let longest = WrittenSegment([[UInt8](repeating: 1, count: Segment.recordBytesMax), [2]])
        #expect(findings(in: longest.bytes) == longest.records.map(SegmentScanner.Finding.record))
        let longer = WrittenSegment([[UInt8](repeating: 1, count: Segment.recordBytesMax + 1), [2]])
        #expect(findings(in: longer.bytes) == [.damage(longer.frames[0]), .record(longer.records[1])])
    }
}
