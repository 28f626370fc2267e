import EventLoop
import Foundation
import Spool
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ManyLoopsTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory("hbf-spool")
        path = directory.path
    }

    @Test func `appends of one loop that are there together are synced together`() throws {
        try withSpool(in: path) { spool in
            try await spool.append("first")
            let before = spool.status.snapshot.syncs
            await withThrowingTaskGroup { group in
                for index in 0..<50 { group.addTask { try await spool.append("\(index)") } }
            }
            #expect(spool.status.snapshot.syncs == before + 1)
            #expect(try await spool.replayed() == ["first"] + (0..<50).map(String.init))
        }
    }

    @Test func `appends of all loops that come during a sync are written by the next one`() throws {
        let (loops, appends) = (4, 16)
        let (isSyncing, allArrived) = (Gate(), Gate())
        let arrived = Shared(0)
        let holds = Shared(false)
        let hook: DiskCalls.Hook = { call, _ in
            if call == .syncData, holds.value {
                isSyncing.open()
                allArrived.wait()
            }
            return nil
        }
        try DiskCalls.watching(path, hook) {
            try withSpool(in: path, limitBytes: 1 << 20, segmentBytes: 1 << 20) { spool in
                try await spool.append("first")
                holds.change { $0 = true }
                async let others: Void = blocking {
                    isSyncing.wait()
                    holds.change { $0 = false }
                    try onLoops(loops) { loop in
                        try await withThrowingTaskGroup { group in
                            for index in 0..<appends {
                                group.addTask { try await spool.append("\(loop) \(index)") }
                            }
                            // A loop runs its tasks in turn: by now all of its appends are on their way.
                            group.addTask {
                                if arrived.change({ $0 += 1 }) == loops { allArrived.open() }
                            }
                            try await group.waitForAll()
                        }
                    }
                }
                try await spool.append("second")
                let before = spool.status.snapshot.syncs
                try await others
                #expect(spool.status.snapshot.syncs == before + 1)
                #expect(try await spool.replayed().count == 2 + loops * appends)
            }
        }
    }

    @Test func `what several loops append comes back once, and in each one's order`() throws {
        let (loops, appends) = (4, 300)
        try withSpool(in: path, segmentBytes: 2000) { spool in
            var replayed: [String] = []
            let isDone = Shared(false)
            async let appending: Void = blocking {
                try onLoops(loops) { loop in
                    for index in stride(from: 0, to: appends, by: 2) {
                        try await spool.append("\(loop) \(index)", "\(loop) \(index + 1)")
                    }
                }
                isDone.change { $0 = true }
            }
            while !isDone.value {
                guard let batch = try await spool.nextBatch(recordsMax: 50, bytesMax: 500) else {
                    _ = await spool.waitForRecords(until: .now + .milliseconds(1))
                    continue
                }
                replayed += batch.texts
                await spool.acknowledge(batch)
            }
            try await appending
            let all = try await replayed + spool.replayed()
            #expect(all.count == loops * appends)
            for loop in 0..<loops {
                let own = all.filter { $0.hasPrefix("\(loop) ") }
                #expect(own == (0..<appends).map { "\(loop) \($0)" })
            }
        }
    }

    @Test func `the status is read from any thread`() throws {
        try withSpool(in: path) { spool in
            try await spool.append("one")
            #expect(try await blocking { spool.status.snapshot.records } == 1)
        }
    }
}
