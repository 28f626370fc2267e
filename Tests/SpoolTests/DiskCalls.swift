import Foundation
import Glibc
import Synchronization

/// The calls by which the spool makes things durable: a test sees those under its directory, and may have them fail.
///
/// They come here because the definitions below are the executable's own, which stand before the system's.
enum DiskCalls {
    enum Call: String {
        case syncData = "fdatasync"
        case sync = "fsync"
        case cut = "ftruncate"
    }

    /// - Returns: nil to have it done, else the `errno` that it fails with.
    typealias Hook = @Sendable (_ call: Call, _ path: String) -> Int32?

    private static let hooks = Mutex<[String: Hook]>([:])

    /// Calls `hook` for each call under the directory while `body` runs.
    static func watching<Value>(_ directory: String, _ hook: @escaping Hook, _ body: () throws -> Value) rethrows
        -> Value
    {
        hooks.withLock { $0[directory] = hook }
        defer { hooks.withLock { $0[directory] = nil } }
        return try body()
    }

    fileprivate static func allows(_ call: Call, of descriptor: Int32) -> Bool {
        let hooks = hooks.withLock { $0 }
        guard !hooks.isEmpty,
            let path = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(descriptor)")
        else { return true }
        for (directory, hook) in hooks where path == directory || path.hasPrefix("\(directory)/") {
            if let code = hook(call, path) {
                errno = code
                return false
            }
        }
        return true
    }

    fileprivate static func system<Function>(_ call: Call, as type: Function.Type) -> Function {
        let next = UnsafeMutableRawPointer(bitPattern: -1)  // RTLD_NEXT, which is a cast
        return unsafeBitCast(dlsym(next, call.rawValue), to: type)
    }

    fileprivate static let syncData = system(.syncData, as: (@convention(c) (Int32) -> Int32).self)
    fileprivate static let sync = system(.sync, as: (@convention(c) (Int32) -> Int32).self)
    fileprivate static let cut = system(.cut, as: (@convention(c) (Int32, Int) -> Int32).self)
}

@c(fdatasync)
func syncData(_ descriptor: Int32) -> Int32 {
    DiskCalls.allows(.syncData, of: descriptor) ? DiskCalls.syncData(descriptor) : -1
}

@c(fsync)
func sync(_ descriptor: Int32) -> Int32 {
    DiskCalls.allows(.sync, of: descriptor) ? DiskCalls.sync(descriptor) : -1
}

@c(ftruncate)
func cut(_ descriptor: Int32, _ length: Int) -> Int32 {
    DiskCalls.allows(.cut, of: descriptor) ? DiskCalls.cut(descriptor, length) : -1
}
