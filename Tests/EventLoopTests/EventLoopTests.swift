import EventLoop
import Glibc
import Synchronization
import Testing

/// Both ends of a connected pair of non-blocking sockets.
struct SocketPair: ~Copyable {
    let near: Int32
    let far: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        (near, far) = (ends[0], ends[1])
    }

    deinit {
        close(near)
        close(far)
    }
}

/// Tells what has happened so far.
private final class Progress {
    var hasGivenWay = false

    func waitAtOnce() async -> Bool {
        await Suspension.wait { $0.resume(returning: hasGivenWay) }
    }
}

actor Resident {
    let loop: EventLoop
    private(set) var visits = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func visit() -> Bool {
        visits += 1
        return loop.isOnLoop
    }

    /// Whether other jobs of the loop come between here and a wait.
    func givesWayBeforeWait() async -> Bool {
        let progress = Progress()
        loop.spawn { progress.hasGivenWay = true }
        return await progress.waitAtOnce()
    }
}

@Suite(.timeLimit(.minutes(10)))
struct EventLoopTests {
    @Test func `a task, its child tasks and an actor of the loop all run on the loop's thread`() throws {
        let places = try EventLoop.run { loop in
            var places = [loop.isOnLoop]
            async let child = loop.isOnLoop
            places.append(await child)
            let resident = Resident(on: loop)
            places.append(await resident.visit())
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<3 { group.addTask { loop.isOnLoop } }
                for await place in group { places.append(place) }
            }
            places.append(loop.isOnLoop)
            return places
        }
        #expect(places == Array(repeating: true, count: 7))
    }

    @Test func `nothing comes between an actor's last step and its wait`() throws {
        #expect(try EventLoop.run { await Resident(on: $0).givesWayBeforeWait() } == false)
    }

    @Test func `a call to an actor of another loop runs there and comes back`() throws {
        let other = try EventLoop(name: "other")
        let gate = Gate()
        other.start { await gate.wait() }
        let resident = Resident(on: other)
        let outcome = try EventLoop.run { loop in
            var there = 0
            for _ in 0..<200 where await resident.visit() { there += 1 }
            return (there, loop.isOnLoop, await resident.visits)
        }
        gate.open()
        other.join()
        #expect(outcome == (200, true, 200))
    }

    @Test func `readiness that came before anybody waited is not lost`() throws {
        let woken = try EventLoop.run { loop in
            let pair = SocketPair()
            let readiness = try Readiness(of: pair.near, on: loop)
            _ = write(pair.far, "x", 1)
            // Lets the event come in while nobody waits for it.
            await turn(loop)
            let wake = await readiness.wait(for: .read)
            readiness.stop()
            return wake
        }
        #expect(woken == .ready)
    }

    @Test func `a thousand readings each wait for their writing`() throws {
        let sum = try EventLoop.run { loop in
            let pair = SocketPair()
            let reader = try Readiness(of: pair.near, on: loop)
            let far = pair.far
            loop.spawn {
                for value in 0..<1000 {
                    var byte = UInt8(value % 251)
                    _ = write(far, &byte, 1)
                    await turn(loop)
                }
            }
            var (sum, count) = (0, 0)
            while count < 1000 {
                var bytes = [UInt8](repeating: 0, count: 64)
                let length = read(pair.near, &bytes, bytes.count)
                if length > 0 {
                    count += length
                    sum += bytes[..<length].reduce(0) { $0 + Int($1) }
                } else {
                    #expect(await reader.wait(for: .read) == .ready)
                }
            }
            reader.stop()
            return sum
        }
        #expect(sum == (0..<1000).reduce(0) { $0 + $1 % 251 })
    }

    @Test func `write readiness comes back when the peer has read`() throws {
        let wrote = try EventLoop.run { loop in
            let pair = SocketPair()
            let writer = try Readiness(of: pair.near, on: loop)
            let chunk = [UInt8](repeating: 1, count: 65_536)
            while write(pair.near, chunk, chunk.count) > 0 {}
            let far = pair.far
            loop.spawn {
                var sink = [UInt8](repeating: 0, count: 65_536)
                while read(far, &sink, sink.count) > 0 {}
            }
            var length = -1
            while length < 0 {
                #expect(await writer.wait(for: .write) == .ready)
                length = write(pair.near, chunk, chunk.count)
            }
            writer.stop()
            return length
        }
        #expect(wrote > 0)
    }

    @Test func `an interrupt wakes a waiter without readiness`() throws {
        let wake = try EventLoop.run { loop in
            let pair = SocketPair()
            let readiness = try Readiness(of: pair.near, on: loop)
            loop.spawn { readiness.interrupt() }
            defer { readiness.stop() }
            return await readiness.wait(for: .read)
        }
        #expect(wake == .interrupted)
    }

    @Test func `timers fire in the order of their deadlines, moved and cancelled ones too`() throws {
        let fired = try EventLoop.run { loop in
            let now = ContinuousClock.now
            let log = Log()
            let done = LoopTimer(on: loop) { log.finish() }
            let timers = (0..<50).map { number in LoopTimer(on: loop) { log.add(number) } }
            for (number, timer) in timers.enumerated() { timer.set(now + .milliseconds((number * 37) % 50)) }
            timers[7].cancel()
            timers[8].clear()
            timers[9].set(now + .milliseconds(60))
            timers[10].set(now)
            done.set(now + .milliseconds(70))
            await log.finished()
            for timer in timers { timer.cancel() }
            done.cancel()
            return log.entries
        }
        var expected = (0..<50).filter { ![7, 8, 9, 10].contains($0) }.sorted { ($0 * 37) % 50 < ($1 * 37) % 50 }
        expected.insert(10, at: 0)
        expected.append(9)
        // 0 and 10 have the same deadline: either may come first.
        #expect(fired.dropFirst(2) == expected.dropFirst(2))
        #expect(Set(fired.prefix(2)) == [0, 10])
    }

    @Test func `a timer that was moved comes after others that are late as well`() throws {
        let fired = try EventLoop.run { loop in
            let now = ContinuousClock.now
            let log = Log()
            let timers = (0..<3).map { number in LoopTimer(on: loop) { log.add(number) } }
            let done = LoopTimer(on: loop) { log.finish() }
            for (timer, milliseconds) in zip(timers, [-5, -4, -3]) { timer.set(now + .milliseconds(milliseconds)) }
            timers[0].set(now - .milliseconds(2))
            done.set(now)
            await log.finished()
            for timer in timers { timer.cancel() }
            done.cancel()
            return log.entries
        }
        #expect(fired == [1, 2, 0])
    }

    @Test func `a blocking call runs elsewhere and comes back to the loop`() throws {
        let places = try EventLoop.run { loop in
            let elsewhere = await runBlocking(named: "blocking") { !loop.isOnLoop }
            return (elsewhere, loop.isOnLoop)
        }
        #expect(places == (true, true))
    }

    @Test func `a loop touched from another thread ends the process`() async {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop(name: "test")
            LoopTimer(on: loop) {}.set(.now)
        }
    }
}

/// What timers did, and a wait for the last of them.
final class Log {
    private(set) var entries: [Int] = []
    private var waiter: Suspension<Void>?

    func add(_ entry: Int) { entries.append(entry) }

    func finish() { waiter?.resume(returning: ()) }

    func finished() async {
        await Suspension.wait { waiter = $0 }
    }
}

/// Opens once, from any thread.
final class Gate: Sendable {
    private let waiter = Mutex<(isOpen: Bool, suspension: Suspension<Void>?)>((false, nil))

    func open() {
        waiter.withLock {
            $0.isOpen = true
            $0.suspension?.resume(returning: ())
        }
    }

    func wait() async {
        await Suspension.wait { suspension in
            waiter.withLock {
                if $0.isOpen { suspension.resume(returning: ()) } else { $0.suspension = suspension }
            }
        }
    }
}

/// Lets the loop look at its descriptors once.
func turn(_ loop: EventLoop) async {
    let timer = LoopTimerBox()
    await Suspension.wait { suspension in
        timer.timer = LoopTimer(on: loop) { suspension.resume(returning: ()) }
        timer.timer?.set(.now + .milliseconds(1))
    }
    timer.timer?.cancel()
}

final class LoopTimerBox {
    var timer: LoopTimer?
}
