import Foundation
import Spool
import TestSupport
import Testing

/// What a spool makes of what it finds in its directory.
@Suite(.timeLimit(.minutes(10)))
struct LeftoverTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory("hbf-spool")
        path = directory.path
    }

    /// Puts a segment there as an earlier process would have written it.
    @discardableResult
    private func leave(_ texts: [String], number: UInt64) throws -> WrittenSegment {
        let segment = WrittenSegment(texts.map { Array($0.utf8) }, number: number)
        try write(segment.bytes, to: file(number))
        return segment
    }

    private func file(_ number: UInt64, _ suffix: String = ".spool") -> String {
        let digits = String(number, radix: 16)
        return "\(path)/\(String(repeating: "0", count: 16 - digits.count))\(digits)\(suffix)"
    }

    private func replayed(_ log: EventLog = EventLog()) throws -> (texts: [String], status: SpoolSnapshot) {
        try withSpool(in: path, log: log) { spool in
            let status = spool.status.snapshot
            let texts = try await spool.replayed(recordsMax: 2)
            #expect(spool.status.snapshot.records == 0 && spool.status.snapshot.bytes == 0)
            #expect(texts.count == status.records)
            return (texts, status)
        }
    }

    private func noRecord(_ range: Range<Int>) -> String {
        range.lowerBound == 0
            ? "it does not begin as a segment does"
            : "bytes \(range.lowerBound) to \(range.upperBound - 1) hold no record"
    }

    // MARK: Writes that did not come to their end

    @Test func `the newest segment's unfinished end is cut off and reported`() throws {
        for length in 1..<WrittenSegment([Array("three".utf8)]).bytes.count - Segment.header.count {
            try leave(["one"], number: 1)
            let segment = try leave(["two", "three"], number: 2)
            let end = segment.frames[1].lowerBound
            try write(Array(segment.bytes[..<(end + length)]), to: file(2))
            let log = EventLog()
            try withSpool(in: path, log: log) { spool async throws in
                #expect(try contents(of: file(2)) == Array(segment.bytes[..<end]))
                #expect(spool.status.snapshot.cutOffBytes == length)
                #expect(spool.status.snapshot.bytes == 8 + 12 + 3 + end)
                #expect(try await spool.replayed() == ["one", "two"])
            }
            #expect(log.events == [.cutOff(file: file(2), bytes: length)])
            #expect(try Array(files(in: path).keys) == ["lock"])
        }
    }

    @Test(arguments: [0, 1, 7, 8])
    func `the newest segment may have less than a record`(length: Int) throws {
        try leave(["one"], number: 1)
        try write(Array(Segment.header[..<length]), to: file(2))
        let log = EventLog()
        #expect(try replayed(log).texts == ["one"])
        #expect(log.events == ((1...7).contains(length) ? [.cutOff(file: file(2), bytes: length)] : []))
        #expect(try Array(files(in: path).keys) == ["lock"])
    }

    // MARK: Damage

    struct Damage: CustomTestStringConvertible {
        let testDescription: String
        /// Of a segment with the records one, two and three.
        let bytes: @Sendable (WrittenSegment) -> [UInt8]
        let hole: @Sendable (WrittenSegment) -> Range<Int>
        let whole: [String]
        /// Else it is only where a newer segment follows.
        var isCorruptWhenNewest = true
    }

    @Test(
        arguments: [
            Damage(
                testDescription: "a flipped bit", bytes: { changed($0) { $1[$0.records[1].lowerBound] ^= 4 } },
                hole: { $0.frames[1] }, whole: ["one", "three"]),
            Damage(
                testDescription: "a flipped bit in the last record",
                bytes: { changed($0) { $1[$0.records[2].lowerBound] ^= 4 } }, hole: { $0.frames[2] },
                whole: ["one", "two"]),
            Damage(
                testDescription: "a flipped bit in a length",
                bytes: { changed($0) { $1[$0.frames[0].lowerBound + 6] ^= 1 } }, hole: { $0.frames[0] },
                whole: ["two", "three"]),
            Damage(
                testDescription: "a bad header", bytes: { changed($0) { $1[3] = 0 } }, hole: { _ in 0..<8 },
                whole: ["one", "two", "three"]),
            Damage(
                testDescription: "another version", bytes: { changed($0) { $1[7] = 2 } }, hole: { _ in 0..<8 },
                whole: ["one", "two", "three"]),
            Damage(
                testDescription: "no header and nothing whole", bytes: { changed($0) { $1 = Array($1.dropFirst(3)) } },
                hole: { _ in 0..<8 }, whole: []),
            Damage(
                testDescription: "junk at the end", bytes: { $0.bytes + [1, 2, 3] },
                hole: { $0.bytes.count..<$0.bytes.count + 3 }, whole: ["one", "two", "three"]),
            Damage(
                testDescription: "an unfinished end", bytes: { $0.bytes.dropLast() }, hole: { $0.frames[2].dropLast() },
                whole: ["one", "two"], isCorruptWhenNewest: false),
        ], [true, false])
    func `a corrupt segment's whole records are replayed, and it is set aside`(
        _ damage: Damage, isNewest: Bool
    ) throws {
        try leave(["zero"], number: 1)
        let segment = try leave(["one", "two", "three"], number: 2)
        let bytes = damage.bytes(segment)
        try write(bytes, to: file(2))
        if !isNewest { try leave(["four"], number: 3) }
        let log = EventLog()
        let (texts, status) = try replayed(log)
        #expect(texts == ["zero"] + damage.whole + (isNewest ? [] : ["four"]))
        if isNewest && !damage.isCorruptWhenNewest {
            #expect(status.corruptSegments == 0)
            return
        }
        #expect(status.corruptSegments == 1)
        #expect(
            log.events == [
                .corrupt(file: file(2), reason: noRecord(damage.hole(segment))), .setAside(file: file(2, ".corrupt")),
            ])
        #expect(try files(in: path) == ["lock": [], "0000000000000002.corrupt": bytes])
    }

    @Test func `a corrupt segment stays in its place until its records are acknowledged`() throws {
        let segment = try leave(["one", "two"], number: 2)
        let bytes = changed(segment) { $1[$0.records[0].lowerBound] ^= 1 }
        try write(bytes, to: file(2))
        for _ in 0..<2 {
            let log = EventLog()
            try withSpool(in: path, log: log) { spool in
                let batch = try #require(try await spool.nextBatch(recordsMax: 9, bytesMax: 99))
                #expect(batch.texts == ["two"])
            }
            #expect(log.events == [.corrupt(file: file(2), reason: noRecord(segment.frames[0]))])
            #expect(try contents(of: file(2)) == bytes)
        }
    }

    @Test func `a segment that is set aside takes no other file's place`() throws {
        for expected in [".corrupt", ".2.corrupt", ".3.corrupt"] {
            try write([1, 2, 3], to: file(2))
            let log = EventLog()
            #expect(try replayed(log).texts == [])
            #expect(log.events.last == .setAside(file: file(2, expected)))
        }
        #expect(try files(in: path).count == 4)
    }

    @Test func `a file that is longer than a segment may be is read no further`() throws {
        let frameBytes = Segment.frameHeaderBytes + Segment.recordBytesMax
        let records = (0..<17).map { [UInt8](repeating: $0, count: Segment.recordBytesMax) }
        let segment = WrittenSegment([[99]] + records, number: 2)
        try write(segment.bytes, to: file(2))
        let log = EventLog()
        #expect(try replayed(log).texts.count == 1 + Segment.bytesMax / frameBytes)
        #expect(
            log.events == [
                .corrupt(file: file(2), reason: "it has more than \(Segment.bytesMax) bytes"),
                .setAside(file: file(2, ".corrupt")),
            ])
    }

    @Test func `a segment that cannot be read is set aside`() throws {
        try FileManager.default.createDirectory(atPath: file(2), withIntermediateDirectories: false)
        try leave(["one"], number: 3)
        let log = EventLog()
        #expect(try replayed(log).texts == ["one"])
        #expect(
            log.events == [
                .corrupt(file: file(2), reason: "read: Is a directory"), .setAside(file: file(2, ".corrupt")),
            ])
    }

    @Test func `what is damaged while the spool is open is found when it is replayed`() throws {
        let log = EventLog()
        try withSpool(in: path, log: log) { [path] spool in
            try await spool.append("one", "two", "three")
            let name = "\(path)/\(try segmentNames(in: path)[0])"
            var bytes = try contents(of: name)
            bytes[bytes.count - 1] ^= 1
            try write(bytes, to: name)
            #expect(try await spool.replayed() == ["one", "two"])
            #expect(spool.status.snapshot.records == 0 && spool.status.snapshot.bytes == 0)
            #expect(spool.status.snapshot.corruptSegments == 1)
            let aside = name.replacing(".spool", with: ".corrupt")
            #expect(log.events.last == .setAside(file: aside))
            #expect(try contents(of: aside) == bytes)

            try await spool.append("four", "five")
            let next = "\(path)/\(try segmentNames(in: path)[0])"
            try write(try contents(of: next).dropLast(), to: next)
            #expect(try await spool.replayed() == ["four"])
            #expect(log.events.contains(.corrupt(file: next, reason: "it has become shorter")))
        }
    }

    @Test func `a segment that somebody has deleted keeps none back, and is told`() throws {
        let log = EventLog()
        try withSpool(in: path, segmentBytes: 30, log: log) { [path] spool in
            try await spool.append("one", "two")
            let name = "\(path)/\(try segmentNames(in: path)[0])"
            try FileManager.default.removeItem(atPath: name)
            #expect(try await spool.replayed() == ["two"])
            #expect(log.events.first == .corrupt(file: name, reason: "open \(name): No such file or directory"))
            #expect(spool.status.snapshot.records == 0 && spool.status.snapshot.bytes == 0)
        }
    }

    // MARK: Names

    @Test func `other files are left alone`() throws {
        let names = [
            "notes.txt", "1.spool", "000000000000000g.spool", "00000000000000AA.spool",
            "0000000000000001.spool.bak", "0000000000000001.corrupt", "0000000000000001",
        ]
        for name in names { try directory.write("junk", to: name) }
        try leave(["one"], number: .max)
        let log = EventLog()
        #expect(try replayed(log).texts == ["one"])
        #expect(log.events == [])
        #expect(try Set(files(in: path).keys) == Set(names + ["lock"]))
    }

    @Test func `a new segment comes after all others, those set aside among them`() throws {
        let last: UInt64 = 1 << 60
        try leave(["one"], number: 3)
        try write([1, 2, 3], to: file(last, ".corrupt"))
        try withSpool(in: path) { spool in
            try await spool.append("two")
            #expect(try segmentNames(in: path).map { "\(path)/\($0)" } == [file(3), file(last + 1)])
            #expect(try await spool.replayed() == ["one", "two"])
        }
    }
}

private func changed(
    _ segment: WrittenSegment, _ change: (WrittenSegment, inout [UInt8]) -> Void
) -> [UInt8] {
    var bytes = segment.bytes
    change(segment, &bytes)
    return bytes
}
