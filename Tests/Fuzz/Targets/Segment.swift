import Spool

/// Of any bytes, each is a record's or reported, and a record is what a writer would have written in its place. What is
/// found can be written again, and of that too no part yields anything else.
@Sendable func checkSegment(_ input: [UInt8]) throws(Violation) {
    let found = scan(input, number: 7)
    try checkAccount(found, of: input)
    let records = found.compactMap { $0.record.map { Array(input[$0]) } }
    for (range, record) in zip(found.compactMap(\.record), records) {
        var frame: [UInt8] = []
        let start = range.lowerBound - Segment.frameHeaderBytes
        Segment.append(record, to: &frame, number: 7, offset: start)
        try require(frame == Array(input[start..<range.upperBound]), "a record that is written in another way")
    }

    // Under another number, so that no record can hold a frame that counts.
    var (segment, ends) = (Segment.header, [Int]())
    for record in records {
        Segment.append(record, to: &segment, number: 8, offset: segment.count)
        ends.append(segment.count)
    }
    let all = scan(segment, number: 8)
    try require(all.allSatisfy { $0.record != nil }, "a good segment is none")
    try require(all.compactMap { $0.record.map { Array(segment[$0]) } } == records, "other records once written again")

    var cuts = Cuts(of: input)
    for end in cuts.next(segment.count) {
        let beginning = scan(Array(segment[..<end]), number: 8)
        let whole = ends.filter { $0 <= end }.count
        try require(beginning.prefix(whole) == all.prefix(whole), "other records in \(end) bytes")
        try require(
            beginning.dropFirst(whole).allSatisfy(\.isUnfinished), "more than an unfinished end in \(end) bytes")
    }
    let bit = cuts.random(segment.count * 8)
    segment[bit / 8] ^= 1 << (bit % 8)
    let harmed = scan(segment, number: 8)
    try require(harmed.contains { $0.record == nil && $0.range.contains(bit / 8) }, "bit \(bit) is not reported")
    try require(harmed.compactMap(\.record).allSatisfy { all.contains(.record($0)) }, "a wrong record for bit \(bit)")
}

private func checkAccount(_ found: [SegmentScanner.Finding], of input: [UInt8]) throws(Violation) {
    var next = input.starts(with: Segment.header) ? Segment.header.count : 0
    for finding in found {
        try require(finding.range.lowerBound == next, "byte \(next) is passed over")
        try require(finding.range.upperBound > next, "nothing is found at \(next)")
        try require(!finding.isUnfinished || finding.range.upperBound == input.count, "unfinished, and more behind it")
        next = finding.range.upperBound
    }
    try require(next == input.count, "\(input.count - next) bytes are left")
}

private func scan(_ bytes: [UInt8], number: UInt64) -> [SegmentScanner.Finding] {
    var scanner = SegmentScanner(number: number)
    var found: [SegmentScanner.Finding] = []
    while let finding = scanner.next(in: bytes.span) { found.append(finding) }
    return found
}

extension SegmentScanner.Finding {
    fileprivate var record: Range<Int>? {
        if case .record(let range) = self { range } else { nil }
    }

    fileprivate var isUnfinished: Bool {
        if case .unfinished = self { true } else { false }
    }

    /// What of the segment it accounts for.
    fileprivate var range: Range<Int> {
        switch self {
        case .record(let range): range.lowerBound - Segment.frameHeaderBytes..<range.upperBound
        case .unfinished(let range), .damage(let range): range
        }
    }
}
