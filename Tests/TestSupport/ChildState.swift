import Foundation

/// What is known of a running child; shared with the threads that read its output and wait for its end.
final class ChildState: @unchecked Sendable {
    private let condition = NSCondition()
    private let pid: pid_t

    // All guarded by `condition`, which is broadcast when one changes.
    private var output: [UInt8] = []
    private var error: [UInt8] = []
    private var openStreams: Set<ChildProcess.Stream> = [.standardOutput, .standardError]
    private var ending: ChildProcess.Exit?
    private var changeCount = 0

    init(pid: pid_t) {
        self.pid = pid
    }

    var exit: ChildProcess.Exit? { locked { ending } }

    var changes: Int { locked { changeCount } }

    func text(of stream: ChildProcess.Stream) -> String {
        String(decoding: locked { stream == .standardOutput ? output : error }, as: UTF8.self)
    }

    /// The last line counts once it is ended, by a line feed or with the stream.
    func completeLines(of stream: ChildProcess.Stream) -> [String] {
        var lines = text(of: stream).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if !isAtEnd(of: stream) || lines.last == "" {
            lines.removeLast()
        }
        return lines
    }

    func isAtEnd(of stream: ChildProcess.Stream) -> Bool {
        locked { !openStreams.contains(stream) }
    }

    /// Tries `condition` now and after each change.
    ///
    /// - Returns: nil where the deadline came first.
    func wait<Value>(within deadline: Duration, until isMet: (ChildState) -> Value?) -> Value? {
        let last = Date(timeIntervalSinceNow: deadline / .seconds(1))
        while true {
            let mark = changes
            if let value = isMet(self) { return value }
            condition.lock()
            defer { condition.unlock() }
            while changeCount == mark {
                guard condition.wait(until: last) else { return nil }
            }
        }
    }

    /// To the child alone.
    func signal(_ number: Int32) {
        locked {
            // Its number is its own until it is reaped, which happens under the same lock.
            if ending == nil {
                Glibc.kill(pid, number)
            }
        }
    }

    /// To the child's whole group.
    func kill(_ number: Int32) {
        locked {
            if ending == nil {
                Glibc.kill(-pid, number)
            }
        }
    }

    /// Reads on a thread of its own until the stream's end, and closes the descriptor.
    func read(_ descriptor: Int32, as stream: ChildProcess.Stream) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                let bytes = buffer[..<count]
                change {
                    if stream == .standardOutput {
                        output += bytes
                    } else {
                        error += bytes
                    }
                }
            }
            close(descriptor)
            change { _ = openStreams.remove(stream) }
        }
    }

    /// Waits on a thread of its own for the child's end.
    func reap() {
        Thread.detachNewThread { [self] in
            var information = siginfo_t()
            // Left unreaped, so that `signal` cannot meet a stranger of the same number.
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            change {
                // What the child left behind in its group would hold the pipes open.
                Glibc.kill(-pid, SIGKILL)
                var status: Int32 = 0
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7F
                ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
            }
        }
    }

    private func change(_ body: () -> Void) {
        condition.lock()
        body()
        changeCount += 1
        condition.broadcast()
        condition.unlock()
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }
}
