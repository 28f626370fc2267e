import EventLoop
import Foundation
import Spool
import Synchronization
import TestSupport
import Testing

/// Nothing that was appended is lost, wherever the process or the machine stops.
@Suite(.timeLimit(.minutes(10)))
struct CrashTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory("hbf-spool")
        path = directory.path
    }

    // MARK: The process is killed

    /// Lines that outlive the process.
    private final class Journal: Sendable {
        private let descriptor: Int32

        init(_ path: String) {
            descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        }

        func add(_ lines: [String]) {
            let bytes = Array(lines.map { "\($0)\n" }.joined().utf8)
            precondition(Foundation.write(descriptor, bytes, bytes.count) == bytes.count)
        }

        static func lines(_ path: String) throws -> [String] {
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }

    /// Three loops append while what is there is replayed, until so many appends have returned.
    private static func live(in directory: String, round: Int, appendsMax: Int) throws {
        let (appended, replayed) = (Journal("\(directory)/appended"), Journal("\(directory)/replayed"))
        let returned = Shared(0)
        try withSpool(in: "\(directory)/spool", segmentBytes: 3000) { spool in
            async let appending: Void = blocking {
                try onLoops(3) { loop in
                    for index in 0... {
                        let text = "\(round)/\(loop)/\(index)/" + String(repeating: "x", count: index * 37 % 400)
                        try await spool.append(text)
                        appended.add([text])
                        if returned.change({ $0 += 1 }) == appendsMax { kill(getpid(), SIGKILL) }
                    }
                }
            }
            while await spool.waitForRecords() {
                guard let batch = try await spool.nextBatch(recordsMax: 5, bytesMax: 1000) else { continue }
                replayed.add(batch.texts)
                await spool.acknowledge(batch)
            }
            try await appending
        }
    }

    @Test func `a killed process loses no record whose append returned`() async throws {
        let rounds = 10
        var random = SplitMix64(state: 3)
        for round in 0..<rounds {
            let appendsMax = Int.random(in: 1...150, using: &random)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, round = round as Int, appendsMax = appendsMax as Int] in
                try Self.live(in: path, round: round, appendsMax: appendsMax)
            }
        }
        let log = EventLog()
        let rest = try withSpool(in: "\(path)/spool", log: log) { try await $0.replayed() }
        let appended = try Journal.lines("\(path)/appended")
        let replayed = try Journal.lines("\(path)/replayed") + rest
        #expect(appended.count >= rounds)
        #expect(Set(appended).subtracting(replayed) == [])
        // Nothing else comes back, but for what was on its way: one append a loop.
        #expect(Set(replayed).subtracting(appended).count <= 3 * rounds)
        for text in Set(replayed) {
            let words = text.split(separator: "/", omittingEmptySubsequences: false)
            #expect(words.count == 4 && words[3].count == (Int(words[2]) ?? -1) * 37 % 400, "\(text)")
        }
        for event in log.events {
            if case .cutOff = event { continue }
            Issue.record("\(event)")
        }
    }

    // MARK: The machine stops

    /// What of a spool's directory is there after a crash of the machine at the worst: of each file as much as was
    /// synced, and no file whose name was not.
    private final class DurableDirectory: Sendable {
        private struct State {
            var sizes: [String: Int] = [:]
            var names: Set<String> = []
        }

        private let path: String
        private let state = Mutex(State())

        init(_ path: String) {
            self.path = path
        }

        @Sendable func hook(_ call: DiskCalls.Call, _ file: String) -> Int32? {
            switch call {
            case .syncData:
                let size = try? contents(of: file).count
                state.withLock { $0.sizes[file] = size }
            case .sync:
                let names = (try? segmentNames(in: path)) ?? []
                state.withLock { $0.names = Set(names.map { "\(path)/\($0)" }) }
            case .cut: break
            }
            return nil
        }

        /// The records that a process would find.
        func records() throws -> Set<String> {
            var records: Set<String> = []
            for (file, size) in state.withLock({ state in state.sizes.filter { state.names.contains($0.key) } }) {
                let name = file.split(separator: "/").last ?? ""
                let number = try #require(UInt64(name.prefix(16), radix: 16))
                let bytes = Array(try contents(of: file).prefix(size))
                for record in findings(in: bytes, number: number).compactMap(\.record) {
                    records.insert(String(decoding: bytes[record], as: UTF8.self))
                }
            }
            return records
        }
    }

    @Test func `a record is durable once its append has returned`() throws {
        let durable = DurableDirectory(path)
        try DiskCalls.watching(path, durable.hook) {
            try withSpool(in: path, segmentBytes: 300) { spool in
                try await blocking {
                    try onLoops(3) { loop in
                        for index in 0..<30 {
                            let text = "\(loop) \(index)"
                            try await spool.append(text)
                            #expect(try durable.records().contains(text))
                        }
                    }
                }
                #expect(try durable.records().count == 90)
            }
        }
    }
}
