import Foundation
import TestSupport
import Testing

struct ChildProcessTests {
    @Test func `output, arguments, environment and exit status come through`() throws {
        let output = try ChildProcess.run(
            "sh", ["-c", "echo \"$0 $GIVEN\"; env | wc -l; echo no >&2; exit 3", "a b"], environment: ["GIVEN": "x"])
        #expect(output.exit == .exited(3))
        // sh itself adds PWD.
        #expect(output.standardOutput == "a b x\n2\n")
        #expect(output.standardError == "no\n")
    }

    @Test func `a child gets no descriptor but its own three`() throws {
        // Not marked to be closed: other tests and libraries open such ones.
        let unmarked = dup(1)
        #expect(unmarked > 2)
        defer { close(unmarked) }
        let output = try ChildProcess.run("ls", ["/proc/self/fd"])
        // The fourth is the directory that ls itself reads.
        #expect(output.standardOutput == "0\n1\n2\n3\n")
    }

    @Test func `a child has a session of its own, and so no terminal to ask on`() throws {
        let child = try ChildProcess("tail", ["-f", "/dev/null"])
        #expect(getsid(child.pid) == child.pid)
    }

    @Test func `what is not there is told at once`() {
        #expect(throws: SupportError.self) { try ChildProcess("no-such-program") }
    }

    @Test func `a line is awaited while the child runs on`() throws {
        let child = try ChildProcess(
            "sh", ["-c", "trap 'exit 7' TERM; echo first; echo second 1; echo second 2; tail -f /dev/null & wait"])
        #expect(try child.waitForLine(on: .standardOutput) { $0.hasPrefix("second") } == "second 1")
        #expect(try child.waitForLine(on: .standardOutput, count: 2) { $0.hasPrefix("second") } == "second 2")
        #expect(child.exit == nil)
        child.signal(SIGTERM)
        #expect(try child.waitForExit() == .exited(7))
    }

    @Test func `a line that never comes is an error, with and without an end`() throws {
        let ended = try ChildProcess("sh", ["-c", "echo other; echo reason >&2"])
        let error = #expect(throws: SupportError.self) {
            try ended.waitForLine(on: .standardOutput) { $0 == "awaited" }
        }
        #expect(error?.description.contains("other") == true)
        let running = try ChildProcess("tail", ["-f", "/dev/null"])
        #expect(throws: SupportError.self) {
            try running.waitForLine(on: .standardError, within: .milliseconds(1)) { $0 == "awaited" }
        }
    }

    @Test func `a signal ends a child that inherited none blocked`() throws {
        let child = try ChildProcess("tail", ["-f", "/dev/null"])
        child.signal(SIGTERM)
        #expect(try child.waitForExit() == .signalled(SIGTERM))
        child.signal(SIGTERM)
    }

    @Test func `the deadline of an end is kept`() throws {
        let child = try ChildProcess("tail", ["-f", "/dev/null"])
        #expect(throws: SupportError.self) { try child.waitForExit(within: .milliseconds(1)) }
    }

    @Test func `a child and its group go with the last reference`() throws {
        // Each holds the FIFO open for writing; its reader sees the end when the last is gone.
        let directory = try TemporaryDirectory()
        let fifo = directory.file("fifo")
        #expect(mkfifo(fifo, 0o600) == 0)
        var child: ChildProcess? = try ChildProcess(
            "sh", ["-c", "exec 3>\(fifo); tail -f /dev/null & echo up; wait"])
        let reader = try ChildProcess("cat", [fifo])
        try child?.waitForLine(on: .standardOutput) { $0 == "up" }
        child = nil
        #expect(try reader.waitForExit() == .exited(0))
    }

    @Test func `a child goes with a process that dies without a farewell`() async throws {
        let directory = try TemporaryDirectory()
        let fifo = directory.file("fifo")
        #expect(mkfifo(fifo, 0o600) == 0)
        let reader = try ChildProcess("cat", [fifo])
        await #expect(processExitsWith: .signal(SIGKILL)) { [fifo = fifo as String] in
            let child = try ChildProcess("sh", ["-c", "exec 3>\(fifo); echo up; exec tail -f /dev/null"])
            try child.waitForLine(on: .standardOutput) { $0 == "up" }
            kill(getpid(), SIGKILL)
        }
        #expect(try reader.waitForExit() == .exited(0))
    }

    @Test func `a temporary directory goes with its last reference`() throws {
        var directory: TemporaryDirectory? = try TemporaryDirectory()
        let path = try #require(directory).path
        try directory?.write("x", to: "file")
        #expect(FileManager.default.fileExists(atPath: "\(path)/file"))
        directory = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `products lie beside the tests`() throws {
        #expect(try Locations.product("swf-simulator").hasPrefix(Locations.packageRoot))
        #expect(throws: SupportError.self) { try Locations.product("no-such-product") }
    }
}
