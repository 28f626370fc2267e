internal import EventLoop

extension Spool {
    /// Takes what earlier processes left; blocking.
    /// - Parameter numbers: of the segments, the lowest first.
    func takeLeftovers(of directory: SpoolDirectory, numbers: [UInt64]) throws(SystemError) {
        for number in numbers {
            let (bytes, fault) = try directory.read(number)
            let contents = SegmentContents(of: bytes, number: number)
            var stored = Stored(number: number, records: contents.records, bytes: bytes.count)
            var reason = fault ?? contents.damage.map(noRecord)
            if reason == nil, let unfinished = contents.unfinished {
                // The segments before the last one were closed by a process that went on.
                if number == numbers.last {
                    try cut(unfinished, of: number, in: directory)
                    stored.bytes = unfinished.lowerBound
                } else {
                    reason = noRecord(in: unfinished)
                }
            }
            segments.append(stored)
            status.change {
                $0.records += stored.records
                $0.bytes += stored.bytes
            }
            if let reason { markCorrupt(at: segments.count - 1, reason) }
            if stored.records == 0 { finishSegment(at: segments.count - 1) }
        }
    }

    private func cut(_ range: Range<Int>, of number: UInt64, in directory: SpoolDirectory) throws(SystemError) {
        try directory.cut(number, to: range.lowerBound)
        status.change { $0.cutOffBytes += range.count }
        observe(.cutOff(file: directory.file(SegmentName.name(of: number)), bytes: range.count))
    }
}

/// What a segment of an earlier process holds.
private struct SegmentContents {
    private(set) var records = 0
    private(set) var unfinished: Range<Int>?
    /// The first.
    private(set) var damage: Range<Int>?

    init(of bytes: [UInt8], number: UInt64) {
        var scanner = SegmentScanner(number: number)
        while let finding = scanner.next(in: bytes.span) {
            switch finding {
            case .record: records += 1
            case .unfinished(let range): unfinished = range
            case .damage(let range): damage = damage ?? range
            }
        }
    }
}
