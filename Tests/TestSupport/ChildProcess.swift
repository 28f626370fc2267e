import Foundation

/// A program that a test runs: what it writes is kept, its end is seen, and it never outlives the test.
///
/// The waits block the calling thread; each has a deadline after which it throws, with what the program wrote.
/// A child is killed when its last reference goes, and by the kernel when the test process ends in whatever way.
package final class ChildProcess: Sendable {
    package enum Stream: Sendable {
        case standardOutput, standardError
    }

    package enum Exit: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Far beyond what a healthy child needs, also on a busy machine: it is there to end a hung test.
    package static let defaultDeadline: Duration = .seconds(300)

    package let executable: String
    package let pid: pid_t
    private let state: ChildState

    /// - Parameters:
    ///   - executable: a path, or a name to be found where the system keeps its programs.
    ///   - environment: all the child gets.
    ///   - user: runs the child as this user, which only root may ask for.
    ///   - deathSignal: what the child gets when the test process ends.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = ["PATH": Locations.path],
        user: String? = nil, deathSignal: String = "KILL"
    ) throws {
        self.executable = try Locations.executable(executable)
        var launcher = ["--pdeathsig", deathSignal]
        if let user {
            launcher += ["--reuid", user, "--regid", user, "--init-groups"]
        }
        let child = try Spawner.shared.spawn(
            Spawner.Command(
                executable: Locations.executable("setpriv"),
                arguments: launcher + ["--", self.executable] + arguments, environment: environment))
        pid = child.pid
        state = ChildState(pid: pid)
        state.read(child.standardOutput, as: .standardOutput)
        state.read(child.standardError, as: .standardError)
        state.reap()
    }

    deinit {
        state.kill(SIGKILL)
    }

    /// What it wrote so far.
    package func text(of stream: Stream) -> String {
        state.text(of: stream)
    }

    package var standardOutput: String { text(of: .standardOutput) }
    package var standardError: String { text(of: .standardError) }

    /// nil while it runs.
    package var exit: Exit? { state.exit }

    /// A signal to the child alone; nothing happens once it has ended.
    package func signal(_ number: Int32) {
        state.signal(number)
    }

    /// The first line, from the very beginning on, that `matches`.
    ///
    /// - Parameter count: how many such lines there must be; the last of them is returned.
    @discardableResult
    package func waitForLine(
        on stream: Stream, count: Int = 1, within deadline: Duration = defaultDeadline,
        where matches: (String) -> Bool
    ) throws -> String {
        let found: String?? = state.wait(within: deadline) { state in
            let lines = state.completeLines(of: stream).filter(matches)
            if lines.count >= count { return .some(lines[count - 1]) }
            return state.isAtEnd(of: stream) ? .some(nil) : nil
        }
        switch found {
        case .some(.some(let line)): return line
        case .some(.none): throw failure("ended without the line awaited")
        case .none: throw failure("did not write the line awaited within \(deadline)")
        }
    }

    /// Waits until it has ended and all it wrote is read.
    @discardableResult
    package func waitForExit(within deadline: Duration = defaultDeadline) throws -> Exit {
        let exit = state.wait(within: deadline) { state in
            state.isAtEnd(of: .standardOutput) && state.isAtEnd(of: .standardError) ? state.exit : nil
        }
        guard let exit else { throw failure("did not end within \(deadline)") }
        return exit
    }

    /// Returns when it has written something or ended since `mark` was taken, and at the latest after `longest`.
    ///
    /// For conditions that only asking can tell: ask, wait for a change, ask again.
    package func waitForChange(since mark: Int, atMost longest: Duration) {
        let _: Void? = state.wait(within: longest) { $0.changes != mark ? () : nil }
    }

    /// Counts what it wrote and its end.
    package var changeMark: Int { state.changes }

    /// An error that shows the end of what the child wrote.
    package func failure(_ what: String) -> SupportError {
        let shownMax = 4000
        let ending = exit.map { " (\($0))" } ?? ""
        return SupportError(
            """
            \(executable)\(ending) \(what)
            standard output: \(standardOutput.suffix(shownMax))
            standard error: \(standardError.suffix(shownMax))
            """)
    }
}

extension ChildProcess {
    package struct Output: Sendable {
        package var exit: Exit
        package var standardOutput: String
        package var standardError: String
    }

    /// Runs a program to its end.
    package static func run(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = ["PATH": Locations.path],
        user: String? = nil, within deadline: Duration = defaultDeadline
    ) throws -> Output {
        let child = try ChildProcess(
            executable, arguments, environment: environment, user: user)
        let exit = try child.waitForExit(within: deadline)
        return Output(exit: exit, standardOutput: child.standardOutput, standardError: child.standardError)
    }
}
