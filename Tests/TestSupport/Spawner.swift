import CLinux
import Foundation

/// The thread that starts every child.
///
/// The kernel kills a child that asked for it (`PR_SET_PDEATHSIG`) when the *thread* that made it ends. This one ends
/// with the process; the threads that run tests come and go.
final class Spawner: @unchecked Sendable {
    static let shared = Spawner()

    struct Command: Sendable {
        var executable: String
        var arguments: [String]
        var environment: [String: String]
    }

    struct Child: Sendable {
        var pid: pid_t
        /// The reading ends of what it writes; the caller closes them.
        var standardOutput: Int32
        var standardError: Int32
    }

    /// Held by the one caller that is served.
    private let turn = NSLock()
    private let condition = NSCondition()
    // Both guarded by `condition`.
    private var command: Command?
    private var answer: Result<Child, any Error>?

    private init() {
        Thread.detachNewThread { [self] in
            while true {
                serve()
            }
        }
    }

    func spawn(_ command: Command) throws -> Child {
        turn.lock()
        defer { turn.unlock() }
        condition.lock()
        defer { condition.unlock() }
        self.command = command
        condition.broadcast()
        while true {
            if let answer {
                self.answer = nil
                return try answer.get()
            }
            condition.wait()
        }
    }

    private func serve() {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let command {
                self.command = nil
                answer = Result { try command.spawn() }
                condition.broadcast()
                return
            }
            condition.wait()
        }
    }
}

extension Spawner.Command {
    /// Starts it in a session of its own, with no signal blocked or ignored, nothing on standard input and no terminal:
    /// what asks on the terminal of whoever runs the tests would be stopped there.
    ///
    /// The pipes are made here, on the one thread that makes children: no other child can inherit an end between its
    /// making and its close-on-exec flag.
    fileprivate func spawn() throws -> Spawner.Child {
        let output = try Pipe()
        let error = try Pipe()
        defer {
            close(output.write)
            close(error.write)
        }
        var pid: pid_t = 0
        let failure = withFileActions(output: output.write, error: error.write) { actions in
            withAttributes { attributes in
                withCStrings([executable] + arguments) { argv in
                    withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                        posix_spawn(&pid, executable, actions, attributes, argv, envp)
                    }
                }
            }
        }
        guard failure == 0 else {
            close(output.read)
            close(error.read)
            throw SupportError("posix_spawn \(executable): \(systemErrorText(failure))")
        }
        return Spawner.Child(pid: pid, standardOutput: output.read, standardError: error.read)
    }
}

private struct Pipe {
    let read: Int32
    let write: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SupportError.systemCall("pipe") }
        (read, write) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }
}

private func withFileActions<Result>(
    output: Int32, error: Int32, _ body: (UnsafePointer<posix_spawn_file_actions_t>) -> Result
) -> Result {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, error, 2)
    // A connection of another test that a child got too would not close where that test closes it.
    _ = clinux_spawn_close_from(&actions, 3)
    return body(&actions)
}

private func withAttributes<Result>(_ body: (UnsafePointer<posix_spawnattr_t>) -> Result) -> Result {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | clinux_spawn_in_session)
    return body(&attributes)
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}
