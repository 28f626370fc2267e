package import EventLoop

/// Records on disk: each is there from the end of `append` until it is acknowledged, whatever becomes of the process.
///
/// A crash may bring acknowledged records back, and ones whose `append` had not returned: who takes them must not mind
/// a record that comes twice. It lives on a loop of its own, whose thread waits for the disk.
package actor Spool {
    package struct Settings: Sendable {
        package var directory: String
        /// Of the segments on disk.
        package var limitBytes: Int
        /// A segment that would have more is closed, and another one begun. At most `Segment.bytesMax`.
        package var segmentBytes = Segment.bytesMax
        /// After a failed write it is tried whether another succeeds.
        package var probeInterval: Duration = .seconds(5)

        package init(directory: String, limitBytes: Int) {
            self.directory = directory
            self.limitBytes = limitBytes
        }
    }

    /// A segment on disk that has records, or may yet have.
    struct Stored {
        let number: UInt64
        /// Not acknowledged yet.
        var records: Int
        /// What of the file counts.
        var bytes: Int
        /// Whether it will be set aside.
        var isCorrupt = false
    }

    /// An `append` under way.
    private final class Entry {
        let records: [[UInt8]]
        /// How many are written.
        var written = 0
        let waiter: Suspension<Result<Void, SpoolFailure>>

        init(_ records: [[UInt8]], _ waiter: Suspension<Result<Void, SpoolFailure>>) {
            self.records = records
            self.waiter = waiter
        }
    }

    package nonisolated let loop: EventLoop
    package nonisolated let status: SpoolStatus
    let settings: Settings
    let observe: @Sendable (SpoolEvent) -> Void
    private let now: @Sendable () -> Int64

    /// nil once it is closed.
    var directory: SpoolDirectory?
    /// The oldest first. The last one is the active one, if there is an active one.
    var segments: [Stored] = []
    var active: SegmentFile?
    var replay: Replay?
    let arrival: Wakeup
    private var lastNumber: UInt64 = 0
    private var entries: [Entry] = []
    /// Of the entries, with their frames.
    private var entryBytes = 0
    private var probe: LoopTimer?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// Takes the directory and what is left in it.
    /// - Parameters:
    ///   - loop: nothing else may live on it that cannot wait for the disk.
    ///   - now: microseconds since 1970: segments are numbered by it, so that no number comes twice.
    ///   - observe: called on the loop.
    package static func open(
        _ settings: Settings, on loop: EventLoop, status: SpoolStatus = SpoolStatus(),
        now: @escaping @Sendable () -> Int64 = wallClockMicroseconds,
        observe: @escaping @Sendable (SpoolEvent) -> Void = { _ in }
    ) async throws(SpoolFailure) -> Spool {
        let spool = Spool(settings, loop, status, now, observe)
        try await spool.open()
        return spool
    }

    private init(
        _ settings: Settings, _ loop: EventLoop, _ status: SpoolStatus, _ now: @escaping @Sendable () -> Int64,
        _ observe: @escaping @Sendable (SpoolEvent) -> Void
    ) {
        self.settings = settings
        self.loop = loop
        self.status = status
        self.now = now
        self.observe = observe
        arrival = Wakeup(on: loop)
    }

    private func open() throws(SpoolFailure) {
        let directory = try SpoolDirectory(at: settings.directory)
        self.directory = directory
        do throws(SystemError) {
            let names = try directory.names()
            lastNumber = names.compactMap(SegmentName.leadingNumber).max() ?? 0
            try takeLeftovers(of: directory, numbers: names.compactMap(SegmentName.number).sorted())
        } catch {
            self.directory = nil
            throw .disk("\(error)")
        }
    }

    /// Returns when the records are durable, together with all that came meanwhile from all loops.
    ///
    /// Where it fails, some of them may still be replayed. The records that wait are in memory, as long as the disk
    /// takes: their callers limit them.
    package func append(_ records: [[UInt8]]) async throws(SpoolFailure) {
        guard directory != nil else { throw .closed }
        var bytes = 0
        for record in records {
            guard (1...Segment.recordBytesMax).contains(record.count) else {
                throw .recordSize(bytes: record.count)
            }
            bytes += Segment.frameHeaderBytes + record.count
        }
        if bytes == 0 { return }
        guard status.snapshot.bytes + entryBytes + bytes <= settings.limitBytes else { throw full() }
        let result = await Suspension<Result<Void, SpoolFailure>>.wait { waiter in
            // What came while the last sync held the loop is let in first.
            if entries.isEmpty { loop.spawn { self.flush() } }
            entries.append(Entry(records, waiter))
            entryBytes += bytes
        }
        try result.get()
    }

    /// Writes what waits, and lets go of the directory. To be called at the end: the loop's timers go with it.
    package func close() {
        flush()
        seal()
        replay = nil
        directory = nil
        probe?.cancel()
        probe = nil
        arrival.signal()
        arrival.cancel()
    }

    private func full() -> SpoolFailure {
        if !status.snapshot.isFull { observe(.full) }
        status.change { $0.isFull = true }
        return .full(limitBytes: settings.limitBytes)
    }

    // MARK: Writing

    private func flush() {
        while !entries.isEmpty {
            do throws(SpoolFailure) {
                try writeSegment()
            } catch {
                for entry in entries { entry.waiter.resume(returning: .failure(error)) }
                entries = []
            }
        }
        entryBytes = 0
    }

    /// Writes as many of the records that wait as the active segment has room for.
    private func writeSegment() throws(SpoolFailure) {
        let segment = try activeSegment()
        let (frames, records) = nextFrames(for: segment)
        guard records > 0 else { return seal() }
        do throws(SystemError) {
            try segment.append(frames)
        } catch {
            throw writeFailed(error)
        }
        segments[segments.count - 1].records += records
        segments[segments.count - 1].bytes = segment.bytes
        status.change {
            $0.records += records
            $0.bytes += frames.count
            $0.syncs += 1
        }
        writeSucceeded()
        let done = entries.prefix { $0.written == $0.records.count }
        entries.removeFirst(done.count)
        for entry in done { entry.waiter.resume(returning: .success(())) }
        arrival.signal()
    }

    private func nextFrames(for segment: SegmentFile) -> (bytes: [UInt8], records: Int) {
        var (bytes, count): ([UInt8], Int) = ([], 0)
        for entry in entries {
            for record in entry.records[entry.written...] {
                let end = segment.bytes + bytes.count + Segment.frameHeaderBytes + record.count
                let isEmpty = count == 0 && segment.bytes == Segment.header.count
                guard end <= settings.segmentBytes || isEmpty else { return (bytes, count) }
                Segment.append(record, to: &bytes, number: segment.number, offset: segment.bytes + bytes.count)
                entry.written += 1
                count += 1
            }
        }
        return (bytes, count)
    }

    private func activeSegment() throws(SpoolFailure) -> SegmentFile {
        if let active { return active }
        guard let directory else { throw .closed }
        lastNumber = max(lastNumber &+ 1, UInt64(clamping: now()))
        do throws(SystemError) {
            let segment = try directory.create(lastNumber)
            active = segment
            segments.append(Stored(number: segment.number, records: 0, bytes: segment.bytes))
            status.change {
                $0.bytes += segment.bytes
                $0.syncs += 1
            }
            return segment
        } catch {
            throw writeFailed(error)
        }
    }

    /// Has the next record begin another segment.
    func seal() {
        guard active.take() != nil, let last = segments.last, last.records == 0 else { return }
        finishSegment(at: segments.count - 1)
    }

    // MARK: Failed writes

    /// The segment takes no more: what it holds by then is durable.
    private func writeFailed(_ error: SystemError) -> SpoolFailure {
        seal()
        if status.snapshot.fault == nil { observe(.failed("\(error)")) }
        status.change { $0.fault = "\(error)" }
        let probe = self.probe ?? LoopTimer(on: loop) { [weak self] in self?.assumeIsolated { $0.tryAgain() } }
        self.probe = probe
        probe.set(.now + settings.probeInterval)
        return .disk("\(error)")
    }

    private func writeSucceeded() {
        guard status.snapshot.fault != nil else { return }
        probe?.clear()
        status.change { $0.fault = nil }
        observe(.recovered)
    }

    /// A new segment needs room, a header and a sync, as records do.
    private func tryAgain() {
        guard directory != nil, (try? activeSegment()) != nil else { return }
        writeSucceeded()
    }
}
