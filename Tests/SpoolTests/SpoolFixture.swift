import EventLoop
import Foundation
import Spool
import Synchronization
import TestSupport

/// What a spool told.
final class EventLog: Sendable {
    private let told = Mutex<[SpoolEvent]>([])
    private let notify: @Sendable (SpoolEvent) -> Void

    init(notify: @escaping @Sendable (SpoolEvent) -> Void = { _ in }) {
        self.notify = notify
    }

    var events: [SpoolEvent] { told.withLock { $0 } }

    @Sendable func add(_ event: SpoolEvent) {
        told.withLock { $0.append(event) }
        notify(event)
    }
}

/// Opens a spool on a loop made for it, and closes it after `body`.
@discardableResult
func withSpool<Value: Sendable>(
    in directory: String, limitBytes: Int = 1 << 20, segmentBytes: Int = 4096,
    probeInterval: Duration = .seconds(3600), log: EventLog = EventLog(),
    _ body: @escaping @Sendable (Spool) async throws -> Value
) throws -> Value {
    try EventLoop.run { loop in
        var settings = Spool.Settings(directory: directory, limitBytes: limitBytes)
        settings.segmentBytes = segmentBytes
        settings.probeInterval = probeInterval
        let spool = try await Spool.open(settings, on: loop, observe: log.add)
        do {
            let value = try await body(spool)
            await spool.close()
            return value
        } catch {
            await spool.close()
            throw error
        }
    }
}

extension Spool {
    func append(_ texts: String...) async throws(SpoolFailure) {
        try await append(texts.map { Array($0.utf8) })
    }

    /// All that there is to replay, acknowledged.
    func replayed(recordsMax: Int = 100, bytesMax: Int = 1 << 20) throws(SpoolFailure) -> [String] {
        var texts: [String] = []
        while let batch = try nextBatch(recordsMax: recordsMax, bytesMax: bytesMax) {
            texts += batch.texts
            acknowledge(batch)
        }
        return texts
    }
}

extension Spool.Batch {
    var texts: [String] { records.map { String(decoding: $0, as: UTF8.self) } }
}

/// The files of a spool, with their contents.
func files(in directory: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
        files[name] = try contents(of: "\(directory)/\(name)")
    }
    return files
}

/// The segments' names, the oldest first.
func segmentNames(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".spool") }.sorted()
}

func contents(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// The permissions of a file.
func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    guard let mode = attributes[.posixPermissions] as? Int else { throw SupportError("no permissions of \(path)") }
    return mode
}
