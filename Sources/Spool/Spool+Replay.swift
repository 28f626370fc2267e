internal import EventLoop

extension Spool {
    /// The oldest records that are not acknowledged, in the order in which they came: all from one segment.
    package struct Batch: Sendable {
        /// Not empty.
        package let records: [[UInt8]]
        fileprivate let segment: UInt64
        fileprivate let start: SegmentScanner
        fileprivate let end: SegmentScanner
    }

    /// The segment that is read.
    struct Replay {
        let segment: UInt64
        let bytes: [UInt8]
        /// After what is acknowledged.
        var scanner: SegmentScanner
    }

    /// Reads what is to be replayed next; the same again until it is acknowledged. A segment that is read is written to
    /// no more.
    /// - Parameters:
    ///   - recordsMax: one comes at least.
    ///   - bytesMax: a single record may be larger.
    /// - Returns: nil where there is nothing.
    /// - Throws: `disk` where the segment cannot be opened just now.
    package func nextBatch(recordsMax: Int, bytesMax: Int) throws(SpoolFailure) -> Batch? {
        while let oldest = segments.first {
            if oldest.number == active?.number {
                if oldest.records == 0 { return nil }
                seal()
            }
            let replay = try replay(of: oldest)
            let batch = batch(of: replay, recordsMax: recordsMax, bytesMax: bytesMax)
            if !batch.records.isEmpty { return batch }
            finishSegment(at: 0)
        }
        return nil
    }

    /// The batch's records will not be asked for again: a segment without others is deleted.
    package func acknowledge(_ batch: Batch) {
        guard var replay, replay.segment == batch.segment, replay.scanner == batch.start else { return }
        replay.scanner = batch.end
        self.replay = replay
        segments[0].records -= batch.records.count
        status.change { $0.records -= batch.records.count }
        var rest = replay.scanner
        if nextRecord(of: replay.bytes, with: &rest) == nil { finishSegment(at: 0) }
    }

    /// Has the segment of a batch set aside in the end, instead of deleted: it holds a record that nobody takes.
    package func keep(_ batch: Batch, because reason: String) {
        guard replay?.segment == batch.segment else { return }
        markCorrupt(at: 0, reason)
    }

    /// Waits until there is something to replay, for one task at a time.
    /// - Returns: whether there is; false at the deadline, after `wake`, once the spool is closed, and where
    ///   others came and went since the last wait.
    package func waitForRecords(until deadline: ContinuousClock.Instant? = nil) async -> Bool {
        if directory != nil, status.snapshot.records == 0 { await arrival.wait(until: deadline) }
        return directory != nil && status.snapshot.records > 0
    }

    /// Ends a wait for records, the next one if there is none now.
    package func wake() {
        arrival.signal()
    }

    // MARK: Reading

    private func replay(of segment: Stored) throws(SpoolFailure) -> Replay {
        if let replay, replay.segment == segment.number { return replay }
        let (bytes, fault) = try contents(of: segment.number)
        // Behind what was written well may lie what a failed write left and could not cut off.
        let durable = bytes.count > segment.bytes ? Array(bytes[..<segment.bytes]) : bytes
        let replay = Replay(
            segment: segment.number, bytes: durable, scanner: SegmentScanner(number: segment.number))
        self.replay = replay
        if let fault { markCorrupt(at: 0, fault) }
        if durable.count < segment.bytes { markCorrupt(at: 0, "it has become shorter") }
        return replay
    }

    private func contents(of number: UInt64) throws(SpoolFailure) -> (bytes: [UInt8], fault: String?) {
        guard let directory else { throw .closed }
        do throws(SystemError) {
            return try directory.read(number)
        } catch {
            // What somebody has deleted must not keep back what came after it.
            guard error.isNotFound else { throw .disk("\(error)") }
            return ([], "\(error)")
        }
    }

    private func batch(of replay: Replay, recordsMax: Int, bytesMax: Int) -> Batch {
        var (records, bytes, end) = ([[UInt8]](), 0, replay.scanner)
        while records.isEmpty || records.count < recordsMax {
            var next = end
            guard let record = nextRecord(of: replay.bytes, with: &next) else { break }
            bytes += record.count
            if bytes > bytesMax && !records.isEmpty { break }
            records.append(Array(replay.bytes[record]))
            end = next
        }
        return Batch(records: records, segment: replay.segment, start: replay.scanner, end: end)
    }

    private func nextRecord(of bytes: [UInt8], with scanner: inout SegmentScanner) -> Range<Int>? {
        while let finding = scanner.next(in: bytes.span) {
            switch finding {
            case .record(let record): return record
            case .unfinished(let range), .damage(let range): markCorrupt(at: 0, noRecord(in: range))
            }
        }
        return nil
    }

    func markCorrupt(at index: Int, _ reason: String) {
        guard let directory, !segments[index].isCorrupt else { return }
        segments[index].isCorrupt = true
        status.change { $0.corruptSegments += 1 }
        observe(.corrupt(file: directory.file(SegmentName.name(of: segments[index].number)), reason: reason))
    }

    // MARK: The end of a segment

    /// There is nothing more to be had from it.
    func finishSegment(at index: Int) {
        let segment = segments.remove(at: index)
        if replay?.segment == segment.number { replay = nil }
        status.change {
            $0.records -= segment.records
            $0.bytes -= segment.bytes
            $0.isFull = false
        }
        guard let directory else { return }
        do throws(SystemError) {
            if segment.isCorrupt {
                observe(.setAside(file: try directory.setAside(segment.number)))
            } else {
                try directory.delete(segment.number)
            }
        } catch {
            observe(.notDeleted("\(error)"))
        }
    }
}

func noRecord(in range: Range<Int>) -> String {
    range.lowerBound == 0
        ? "it does not begin as a segment does" : "bytes \(range.lowerBound) to \(range.upperBound - 1) hold no record"
}
