import EventLoop
import Foundation
import Spool
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SpoolTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory("hbf-spool")
        path = directory.file("spool")
    }

    @Test func `records are in a file once they are appended, and gone once they are acknowledged`() throws {
        try withSpool(in: path) { [path] spool in
            try await spool.append("one", "two")
            let number = try #require(
                segmentNames(in: path).first.flatMap { UInt64($0.dropLast(".spool".count), radix: 16) })
            let written = WrittenSegment([Array("one".utf8), Array("two".utf8)], number: number)
            let name = try segmentNames(in: path)[0]
            #expect(try files(in: path) == [name: written.bytes, "lock": []])
            #expect(spool.status.snapshot.records == 2 && spool.status.snapshot.bytes == written.bytes.count)

            let batch = try #require(try await spool.nextBatch(recordsMax: 10, bytesMax: 1000))
            #expect(batch.texts == ["one", "two"])
            #expect(try segmentNames(in: path) == [name])
            await spool.acknowledge(batch)
            #expect(try Array(files(in: path).keys) == ["lock"])
            #expect(spool.status.snapshot.records == 0 && spool.status.snapshot.bytes == 0)
            #expect(try await spool.nextBatch(recordsMax: 10, bytesMax: 1000)?.texts == nil)
        }
    }

    @Test func `directory and files are their owner's only`() throws {
        try withSpool(in: path) { [path] spool in
            try await spool.append("one")
            #expect(try mode(of: path) == 0o700)
            for name in try files(in: path).keys { #expect(try mode(of: "\(path)/\(name)") == 0o600, "\(name)") }
        }
    }

    @Test func `records come back in order, from many segments, in this process and in the next`() throws {
        var random = SplitMix64(state: 1)
        let texts = (0..<500).map {
            "\($0) " + String(repeating: "x", count: .random(in: 0...900, using: &random))
        }
        try withSpool(in: path) { [path] spool in
            for start in stride(from: 0, to: texts.count, by: 5) {
                try await spool.append(texts[start..<start + 5].map { Array($0.utf8) })
            }
            let segments = try files(in: path).filter { $0.key.hasSuffix(".spool") }
            #expect(segments.count > 50)
            #expect(segments.values.allSatisfy { $0.count <= 4096 })
            #expect(spool.status.snapshot.bytes == segments.values.map(\.count).reduce(0, +))
            #expect(spool.status.snapshot.records == texts.count)

            var first: [String] = []
            while first.count < 200 {
                let batch = try #require(try await spool.nextBatch(recordsMax: 7, bytesMax: 1500))
                #expect(batch.records.count <= 7)
                #expect(batch.records.count == 1 || batch.records.map(\.count).reduce(0, +) <= 1500)
                first += batch.texts
                await spool.acknowledge(batch)
            }
            #expect(first == Array(texts[..<first.count]))
            #expect(spool.status.snapshot.records == texts.count - first.count)
            #expect(try segmentNames(in: path).count < segments.count)
        }
        let log = EventLog()
        try withSpool(in: path, log: log) { [path] spool in
            let expected = spool.status.snapshot
            let segments = try segmentNames(in: path)
            #expect(try expected.bytes == segments.map { try contents(of: "\(path)/\($0)").count }.reduce(0, +))
            let rest = try await spool.replayed(recordsMax: 20)
            #expect(rest == Array(texts.suffix(rest.count)))
            // Those of the segment that was not replayed whole come again.
            #expect(rest.count == expected.records && rest.count >= 300 - 7)
            #expect(try segmentNames(in: path) == [])
        }
        #expect(log.events == [])
    }

    @Test func `a batch is the same until it is acknowledged, which counts once`() throws {
        try withSpool(in: path) { spool in
            try await spool.append("one", "two", "three")
            let one = try #require(try await spool.nextBatch(recordsMax: 1, bytesMax: 1000))
            let two = try #require(try await spool.nextBatch(recordsMax: 2, bytesMax: 1000))
            #expect(one.texts == ["one"] && two.texts == ["one", "two"])
            #expect(try await spool.nextBatch(recordsMax: 0, bytesMax: 0)?.texts == ["one"])
            await spool.acknowledge(one)
            await spool.acknowledge(one)
            await spool.acknowledge(two)
            #expect(spool.status.snapshot.records == 2)
            #expect(try await spool.replayed() == ["two", "three"])
            await spool.acknowledge(two)
            #expect(spool.status.snapshot.records == 0)
        }
    }

    @Test func `records that are appended while others are replayed come after them`() throws {
        try withSpool(in: path, segmentBytes: 200) { spool in
            var random = SplitMix64(state: 2)
            var (appended, replayed) = (0, [String]())
            while replayed.count < 1000 {
                for _ in 0..<Int.random(in: 0...9, using: &random) {
                    try await spool.append("\(appended)")
                    appended += 1
                }
                let count = Int.random(in: 1...12, using: &random)
                if let batch = try await spool.nextBatch(recordsMax: count, bytesMax: 1000) {
                    if Bool.random(using: &random) { try await spool.append("\(appended)") } else { appended -= 1 }
                    appended += 1
                    replayed += batch.texts
                    await spool.acknowledge(batch)
                }
                #expect(spool.status.snapshot.records == appended - replayed.count)
            }
            replayed += try await spool.replayed()
            #expect(replayed == (0..<appended).map(String.init))
        }
    }

    @Test func `one append may fill several segments`() throws {
        let records = (0..<100).map { Array("\($0) \(String(repeating: "x", count: 100))".utf8) }
        try withSpool(in: path, segmentBytes: 1000) { [path] spool in
            try await spool.append(records)
            #expect(try segmentNames(in: path).count > 10)
            #expect(try await spool.replayed().map { Array($0.utf8) } == records)
        }
    }

    @Test func `a record longer than a segment has one of its own`() throws {
        let records = [[1], [UInt8](repeating: 2, count: Segment.recordBytesMax), [3]]
        try withSpool(in: path, limitBytes: 4 << 20, segmentBytes: 1000) { [path] spool in
            try await spool.append(records)
            #expect(try segmentNames(in: path).count == 3)
            var found: [[UInt8]] = []
            while let batch = try await spool.nextBatch(recordsMax: 3, bytesMax: 10) {
                found += batch.records
                await spool.acknowledge(batch)
            }
            #expect(found == records)
        }
    }

    @Test(arguments: [0, Segment.recordBytesMax + 1])
    func `a record that fits no frame is refused, with those beside it`(bytes: Int) throws {
        try withSpool(in: path, limitBytes: 4 << 20) { spool in
            await #expect(throws: SpoolFailure.recordSize(bytes: bytes)) {
                try await spool.append([[1], [UInt8](repeating: 0, count: bytes)])
            }
            try await spool.append([])
            #expect(try await spool.replayed() == [])
        }
    }

    @Test func `beyond the limit records are refused until others are acknowledged`() throws {
        let log = EventLog()
        try withSpool(in: path, limitBytes: 1000, log: log) { spool in
            let text = String(repeating: "x", count: 400)
            try await spool.append(text)
            try await spool.append(text)
            for _ in 0..<2 {
                await #expect(throws: SpoolFailure.full(limitBytes: 1000)) { try await spool.append(text) }
            }
            #expect(spool.status.snapshot.isFull)
            #expect(log.events == [.full])
            #expect(try await spool.replayed().count == 2)
            #expect(!spool.status.snapshot.isFull)
            try await spool.append(text)
        }
        #expect(log.events == [.full])
    }

    @Test func `what is left counts towards the limit`() throws {
        try withSpool(in: path) { try await $0.append(String(repeating: "x", count: 900)) }
        try withSpool(in: path, limitBytes: 1000) { spool in
            await #expect(throws: SpoolFailure.full(limitBytes: 1000)) {
                try await spool.append(String(repeating: "x", count: 100))
            }
        }
    }

    // MARK: Waiting and closing

    @Test func `who waits for records is woken by the first one`() throws {
        try withSpool(in: path) { spool in
            async let waiting = spool.waitForRecords()
            await spool.loop.pause(for: .zero)
            try await spool.append("one")
            #expect(await waiting)
            #expect(await spool.waitForRecords())
            #expect(try await spool.replayed() == ["one"])
        }
    }

    @Test func `a wait for records ends at its deadline, when it is told to, and with the spool`() throws {
        try withSpool(in: path) { spool in
            #expect(await spool.waitForRecords(until: .now) == false)
            async let woken = spool.waitForRecords()
            await spool.wake()
            #expect(await woken == false)
            async let closed = spool.waitForRecords()
            await spool.close()
            #expect(await closed == false)
            #expect(await spool.waitForRecords() == false)
        }
    }

    @Test func `closing writes what waits, and ends it for all others`() throws {
        try withSpool(in: path) { spool in
            // The loop takes them in turn, and closes before it would have written.
            async let appended: Void = spool.append("one")
            async let closed: Void = spool.close()
            try await appended
            await closed
            await #expect(throws: SpoolFailure.closed) { try await spool.append("two") }
            await #expect(throws: SpoolFailure.closed) { try await spool.nextBatch(recordsMax: 1, bytesMax: 1) }
        }
        #expect(try withSpool(in: path) { try await $0.replayed() } == ["one"])
    }

    @Test func `nothing is left of a spool that was not used or was emptied`() throws {
        try withSpool(in: path) { _ in }
        #expect(try Array(files(in: path).keys) == ["lock"])
        try withSpool(in: path) { spool in
            try await spool.append("one")
            _ = try await spool.replayed()
        }
        #expect(try Array(files(in: path).keys) == ["lock"])
    }

    // MARK: Who may have the directory

    @Test func `a second spool on the directory is refused until the first is closed`() throws {
        try withSpool(in: path) { [path] spool in
            try await spool.append("one")
            let error = await #expect(throws: SpoolFailure.self) {
                _ = try await Spool.open(.init(directory: path, limitBytes: 1000), on: spool.loop)
            }
            #expect(error == .locked(directory: path))
            #expect("\(SpoolFailure.locked(directory: path))".contains(path))
        }
        #expect(try withSpool(in: path) { try await $0.replayed() } == ["one"])
    }

    @Test func `another process is refused too`() async throws {
        let holder = try EventLoop(name: "holder")
        let gate = Gate()
        let path = path
        let opened = await Suspension<Bool>.wait { opened in
            holder.start {
                let spool = try? await Spool.open(.init(directory: path, limitBytes: 1000), on: holder)
                opened.resume(returning: spool != nil)
                gate.wait()
                await spool?.close()
            }
        }
        #expect(opened)
        await #expect(processExitsWith: .success) { [path = path as String] in
            let failure = try #require(throws: SpoolFailure.self) { try withSpool(in: path) { _ in } }
            // Of what fails in another process only the comments come here.
            #expect(failure == .locked(directory: path), "\(failure)")
        }
        gate.open()
        holder.join()
        await #expect(processExitsWith: .success) { [path = path as String] in
            #expect(throws: Never.self) { try withSpool(in: path) { _ in } }
        }
    }

    @Test func `a directory that cannot be had is told by name`() throws {
        try directory.write("", to: "file")
        for bad in ["file", "file/spool", "missing/spool"] {
            let path = directory.file(bad)
            let error = #expect(throws: SpoolFailure.self) { try withSpool(in: path) { _ in } }
            guard case .disk(let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.contains(path))
        }
    }
}
