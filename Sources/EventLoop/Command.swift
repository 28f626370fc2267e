internal import CLinux

/// Why a command gave nothing.
package enum CommandFault: Error, Sendable, Equatable {
    case notStarted(SystemError)
    case exit(Int32)
    case signal(Int32)
    /// It wrote more than it may.
    case tooLong
    case overdue
}

/// Runs a program to its end and gives what it wrote on standard output; blocking.
///
/// It is a session of its own, with no signal blocked, nothing on standard input, and a standard error that leads
/// nowhere: there is no terminal, and what asks for something there fails at once. Whatever is left of it at the end is
/// killed.
/// - Parameter words: the program, looked for along `PATH` where it has no slash, and its arguments. Not empty.
package func outputOfCommand(
    _ words: [String], environment: [String: String], bytesMax: Int, deadline: ContinuousClock.Instant
) throws(CommandFault) -> [UInt8] {
    let child: Child
    do throws(SystemError) {
        child = try Child.start(words, environment)
    } catch {
        throw .notStarted(error)
    }
    return try child.finish(bytesMax: bytesMax, deadline: deadline)
}

/// A process and the reading end of its standard output.
private struct Child: ~Copyable {
    private static let pieceBytes = 4096

    private let process: pid_t
    /// Readable once the process has ended.
    private let ending: Descriptor
    private let output: Descriptor

    static func start(_ words: [String], _ environment: [String: String]) throws(SystemError) -> Child {
        var ends: [Int32] = [-1, -1]
        guard unsafe clinux_pipe(&ends) == 0 else { throw SystemError("pipe") }
        let output = try Descriptor(ends[0], from: "pipe")
        let input = try Descriptor(ends[1], from: "pipe")
        let process = try spawn(words, environment, output: input.number)
        let ending: Descriptor
        do throws(SystemError) {
            ending = try Descriptor(clinux_process_descriptor(process), from: "pidfd_open")
        } catch {
            end(process)
            throw error
        }
        return Child(process: process, ending: ending, output: output)
    }

    consuming func finish(bytesMax: Int, deadline: ContinuousClock.Instant) throws(CommandFault) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            guard let ready = wait(until: deadline) else {
                end(process)
                throw .overdue
            }
            if ready.output {
                let piece = nextPiece()
                bytes += piece
                guard bytes.count <= bytesMax else {
                    end(process)
                    throw .tooLong
                }
                // The end of the output; the process ends soon.
                if !piece.isEmpty { continue }
                return try ended(bytes, deadline)
            }
            // What it wrote is read by now. A child of its own may hold the pipe open for ever.
            return try ended(bytes, deadline)
        }
    }

    private func ended(_ bytes: [UInt8], _ deadline: ContinuousClock.Instant) throws(CommandFault) -> [UInt8] {
        var poll = pollfd(fd: ending.number, events: Int16(POLLIN), revents: 0)
        guard unsafe CLinux.poll(&poll, 1, milliseconds(until: deadline)) == 1 else {
            end(process)
            throw .overdue
        }
        let status = end(process)
        let signal = status & 0x7F
        if signal != 0 { throw .signal(signal) }
        let code = (status >> 8) & 0xFF
        if code != 0 { throw .exit(code) }
        return bytes
    }

    /// - Returns: whether there is output, and whether it has ended; nil at the deadline.
    private func wait(until deadline: ContinuousClock.Instant) -> (output: Bool, ended: Bool)? {
        while true {
            var polls = [
                pollfd(fd: output.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ending.number, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&polls, 2, milliseconds(until: deadline))
            if count > 0 { return (polls[0].revents != 0, polls[1].revents != 0) }
            if count == 0 && deadline <= .now { return nil }
        }
    }

    private func nextPiece() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { room, count in
            count = unsafe max(0, read(output.number, room.baseAddress, room.count))
        }
    }
}

/// At most an hour, rounded up.
private func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
    let left = min(max(ContinuousClock.now.duration(to: deadline), .zero), .seconds(3600))
    return Int32(left / .milliseconds(1)) + 1
}

/// Kills what is left of the group and takes the process's status, as waitpid(2) has it.
@discardableResult
private func end(_ process: pid_t) -> Int32 {
    _ = kill(-process, SIGKILL)
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && currentErrno() == EINTR {}
    return status
}

private func spawn(
    _ words: [String], _ environment: [String: String], output: Int32
) throws(SystemError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    unsafe sigaddset(&defaults, SIGPIPE)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | clinux_spawn_in_session
    unsafe posix_spawnattr_setflags(&attributes, flags)
    let arguments = CStrings(words)
    let variables = CStrings(environment.map { "\($0.key)=\($0.value)" })
    var process: pid_t = 0
    let failure = unsafe posix_spawnp(
        &process, words[0], &actions, &attributes, arguments.pointers, variables.pointers)
    guard failure == 0 else { throw SystemError("posix_spawn", code: failure) }
    return process
}

/// An array of C strings with a null at its end.
@safe private struct CStrings: ~Copyable {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe pointers = .allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { unsafe (pointers + index).initialize(to: strdup(text)) }
        unsafe (pointers + texts.count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
