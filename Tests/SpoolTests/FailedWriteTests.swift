import EventLoop
import Foundation
import Spool
import Synchronization
import TestSupport
import Testing

/// Disks that fail.
@Suite(.timeLimit(.minutes(10)))
struct FailedWriteTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory("hbf-spool")
        path = directory.path
    }

    /// Which calls fail just now.
    private final class Faults: Sendable {
        private let calls = Mutex<Set<DiskCalls.Call>>([])

        func set(_ calls: Set<DiskCalls.Call>) { self.calls.withLock { $0 = calls } }

        @Sendable func hook(_ call: DiskCalls.Call, _ path: String) -> Int32? {
            calls.withLock { $0.contains(call) } ? EIO : nil
        }
    }

    private func disk(_ body: () async throws -> Void) async -> String? {
        let error = await #expect(throws: SpoolFailure.self) { try await body() }
        guard case .disk(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return nil
        }
        return reason
    }

    @Test(arguments: [false, true])
    func `after a failed sync the segment is given up, and nothing else is lost`(alsoCutFails: Bool) throws {
        let (faults, log) = (Faults(), EventLog())
        try DiskCalls.watching(path, faults.hook) {
            try withSpool(in: path, log: log) { spool in
                try await spool.append("one", "two")
                let first = try segmentNames(in: path)
                let before = try contents(of: "\(path)/\(first[0])")
                faults.set(alsoCutFails ? [.syncData, .cut] : [.syncData])
                for _ in 0..<2 {
                    let reason = try #require(await disk { try await spool.append("three") })
                    #expect(reason.contains("fdatasync \(path)") && reason.contains("Input/output error"))
                    #expect(spool.status.snapshot.fault == reason)
                }
                #expect(try segmentNames(in: path) == first)
                #expect(try (contents(of: "\(path)/\(first[0])") == before) == !alsoCutFails)
                faults.set([])
                try await spool.append("four")
                #expect(spool.status.snapshot.fault == nil)
                #expect(try segmentNames(in: path).count == 2)
                #expect(try await spool.replayed() == ["one", "two", "four"])
                #expect(spool.status.snapshot.records == 0 && spool.status.snapshot.bytes == 0)
            }
        }
        let name = try #require(log.events.first.flatMap { if case .failed(let reason) = $0 { reason } else { nil } })
        #expect(log.events == [.failed(name), .recovered])
    }

    @Test func `a new segment whose name does not become durable takes no record`() throws {
        let (faults, log) = (Faults(), EventLog())
        try DiskCalls.watching(path, faults.hook) {
            try withSpool(in: path, log: log) { spool in
                faults.set([.sync])
                let reason = try #require(await disk { try await spool.append("one") })
                #expect(reason.contains("fsync \(path)"))
                #expect(try segmentNames(in: path) == [])
                #expect(spool.status.snapshot.bytes == 0)
                faults.set([])
                try await spool.append("two")
                #expect(try await spool.replayed() == ["two"])
            }
        }
    }

    @Test func `all that were to be written together fail together`() throws {
        let faults = Faults()
        try DiskCalls.watching(path, faults.hook) {
            try withSpool(in: path) { spool in
                try await spool.append("zero")
                faults.set([.syncData])
                let failed = await withTaskGroup(of: Bool.self) { group in
                    for index in 0..<50 {
                        group.addTask {
                            do {
                                try await spool.append("\(index)")
                                return false
                            } catch {
                                return true
                            }
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(failed == 50)
                #expect(try await spool.replayed() == ["zero"])
            }
        }
    }

    @Test func `it is tried again without a record too`() throws {
        let (faults, gate) = (Faults(), Gate())
        let log = EventLog { if $0 == .recovered { gate.open() } }
        try DiskCalls.watching(path, faults.hook) {
            try withSpool(in: path, probeInterval: .milliseconds(1), log: log) { spool in
                faults.set([.syncData])
                _ = await disk { try await spool.append("one") }
                #expect(spool.status.snapshot.fault != nil)
                faults.set([])
                try await blocking { gate.wait() }
                #expect(spool.status.snapshot.fault == nil)
                #expect(try await spool.replayed() == [])
            }
        }
        #expect(try segmentNames(in: path) == [])
    }

    @Test func `a segment that cannot be deleted is told, and replayed again by the next process`() throws {
        let log = EventLog()
        try withSpool(in: path, log: log) { spool in
            try await spool.append("one")
            let name = "\(path)/\(try segmentNames(in: path)[0])"
            let batch = try #require(try await spool.nextBatch(recordsMax: 1, bytesMax: 1))
            // unlink(2) takes no directory.
            try FileManager.default.moveItem(atPath: name, toPath: "\(path)/kept")
            try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
            await spool.acknowledge(batch)
            #expect(log.events == [.notDeleted("unlink \(name): Is a directory")])
            try FileManager.default.removeItem(atPath: name)
            try FileManager.default.moveItem(atPath: "\(path)/kept", toPath: name)
        }
        #expect(try withSpool(in: path) { try await $0.replayed() } == ["one"])
    }

    // MARK: Disks that are full

    /// Appends until the disk takes no more, and finds all that was taken, before and after it has room again.
    private static func fill(_ path: String, fault: String) throws {
        try withSpool(in: path, limitBytes: 1 << 30, segmentBytes: Segment.bytesMax) { spool in
            var taken: [String] = []
            var reasons: [String] = []
            while reasons.count < 3 {
                let text = "\(taken.count) \(reasons.count) " + String(repeating: "x", count: 1000)
                do {
                    try await spool.append(text)
                    taken.append(text)
                } catch SpoolFailure.disk(let reason) {
                    reasons.append(reason)
                }
                if reasons.isEmpty && taken.count > 10_000 { throw SupportError("the disk does not fill") }
            }
            #expect(taken.count > 10)
            #expect(reasons.allSatisfy { $0.contains(fault) }, "\(reasons)")
            #expect(spool.status.snapshot.records == taken.count)
            let batch = try #require(try await spool.nextBatch(recordsMax: 10, bytesMax: 1 << 20))
            #expect(batch.texts == Array(taken[..<10]))
            await spool.acknowledge(batch)
            #expect(try await spool.replayed() == Array(taken[10...]))
            try await spool.append("more")
            #expect(spool.status.snapshot.fault == nil)
        }
        let log = EventLog()
        #expect(try withSpool(in: path, log: log) { try await $0.replayed() } == ["more"])
        #expect(log.events == [])
    }

    @Test func `a file system that takes a part of a write loses nothing else`() async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 20_000, rlim_max: rlim_t.max)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            try Self.fill(path, fault: "File too large")
        }
    }

    static let maySetUpDisks: Bool = {
        let mount = ["-m", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/tmp"]
        return (try? ChildProcess.run("unshare", mount))?.exit == .exited(0)
    }()

    @Test(.enabled(if: maySetUpDisks, "mounts need root"))
    func `a full disk loses nothing else`() async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            try OwnMounts.addDisk(at: path, bytes: 128 << 10)
            try Self.fill(path, fault: "No space left on device")
        }
    }
}

/// Mounts of this thread and those it starts alone, gone with the process.
private enum OwnMounts {
    private typealias Unshare = @convention(c) (Int32) -> Int32
    private typealias Mount =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UInt, UnsafePointer<CChar>?
        ) -> Int32

    static func addDisk(at path: String, bytes: Int) throws {
        // From <sched.h> and <sys/mount.h>, which are not imported whole.
        let (newMounts, recursive, isPrivate): (Int32, UInt, UInt) = (0x20000, 0x4000, 0x40000)
        let unshare = unsafeBitCast(dlsym(nil, "unshare"), to: Unshare.self)
        let mount = unsafeBitCast(dlsym(nil, "mount"), to: Mount.self)
        guard unshare(newMounts) == 0 else { throw SupportError("unshare: errno \(errno)") }
        guard mount("none", "/", nil, recursive | isPrivate, nil) == 0 else {
            throw SupportError("mount /: errno \(errno)")
        }
        guard mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw SupportError("mount \(path): errno \(errno)")
        }
    }
}
