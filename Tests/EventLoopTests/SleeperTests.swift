import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SleeperTests {
    @Test func `a sleeper is woken once by what comes, and not before`() throws {
        let wakes = try withReadiness { readiness, pair, loop in
            let sleeper = Counter()
            #expect(readiness.whenReady(.read, wake: sleeper))
            await turn(loop)
            let before = sleeper.wakes
            for _ in 0..<2 {
                _ = write(pair.far, "x", 1)
                await turn(loop)
            }
            return [before, sleeper.wakes]
        }
        #expect(wakes == [0, 1])
    }

    @Test func `nobody sleeps where something has come already`() throws {
        let outcome = try withReadiness { readiness, pair, loop in
            _ = write(pair.far, "x", 1)
            await turn(loop)
            let sleeper = Counter()
            let sleeps = readiness.whenReady(.read, wake: sleeper)
            return [sleeps ? 1 : 0, sleeper.wakes]
        }
        #expect(outcome == [0, 0])
    }

    @Test func `an interrupt wakes a sleeper`() throws {
        let wakes = try withReadiness { readiness, _, _ in
            let sleeper = Counter()
            #expect(readiness.whenReady(.read, wake: sleeper))
            readiness.interrupt()
            return [sleeper.wakes]
        }
        #expect(wakes == [1])
    }

    @Test func `what is drained may be read again when more has come`() throws {
        let states = try withReadiness { readiness, pair, loop in
            var states = [readiness.mayRead]
            readiness.drained()
            states.append(readiness.mayRead)
            _ = write(pair.far, "x", 1)
            await turn(loop)
            states.append(readiness.mayRead)
            return states.map { $0 ? 1 : 0 }
        }
        #expect(states == [1, 0, 1])
    }

    @Test func `the end of the peer's stream is there to be read at any time`() throws {
        let states = try withReadiness { readiness, pair, loop in
            readiness.drained()
            shutdown(pair.far, Int32(SHUT_WR))
            await turn(loop)
            readiness.drained()
            return [readiness.mayRead ? 1 : 0]
        }
        #expect(states == [1])
    }

    private func withReadiness(
        _ body: @escaping @Sendable (Readiness, borrowing SocketPair, EventLoop) async throws -> [Int]
    ) throws -> [Int] {
        try EventLoop.run { loop in
            let pair = SocketPair()
            let readiness = try Readiness(of: pair.near, on: loop)
            defer { readiness.stop() }
            return try await body(readiness, pair, loop)
        }
    }
}

private final class Counter: Sleeper {
    private(set) var wakes = 0

    func wake() { wakes += 1 }
}
