import Spool

/// A segment as it is written, and where each record is in it.
struct WrittenSegment {
    let number: UInt64
    private(set) var bytes = Segment.header
    private(set) var records: [Range<Int>] = []

    init(_ contents: [[UInt8]], number: UInt64 = 7) {
        self.number = number
        for record in contents {
            Segment.append(record, to: &bytes, number: number, offset: bytes.count)
            records.append(bytes.count - record.count..<bytes.count)
        }
    }

    /// With the frames' headers.
    var frames: [Range<Int>] { records.map { $0.lowerBound - Segment.frameHeaderBytes..<$0.upperBound } }
}

func findings(in bytes: [UInt8], number: UInt64 = 7) -> [SegmentScanner.Finding] {
    var scanner = SegmentScanner(number: number)
    var findings: [SegmentScanner.Finding] = []
    while let finding = scanner.next(in: bytes.span) { findings.append(finding) }
    return findings
}

extension SegmentScanner.Finding {
    var record: Range<Int>? {
        if case .record(let range) = self { range } else { nil }
    }

    /// What of the segment it accounts for.
    var range: Range<Int> {
        switch self {
        case .record(let range): range.lowerBound - Segment.frameHeaderBytes..<range.upperBound
        case .unfinished(let range), .damage(let range): range
        }
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
