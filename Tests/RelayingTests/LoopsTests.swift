import EventLoop
import FlowControl
import Heartbeat
import Relaying
import Synchronization
import TestSupport
import Testing

/// SWF for several loops: it lets others go on meanwhile, and remembers what came.
private final class SlowUpstream: Upstream {
    private let calls: Calls

    final class Calls: Sendable {
        let all = Mutex<[String]>([])
    }

    init(_ calls: Calls) {
        self.calls = calls
    }

    func recordHeartbeat(
        taskToken: TaskToken, details: String?, deadline: ContinuousClock.Instant, admission: any AttemptAdmission
    ) async -> Relay {
        calls.all.withLock { $0.append("\(taskToken.secret) \(details ?? "")") }
        for _ in 0..<20 { await Task.yield() }
        admission.ended(nil)
        return .recorded
    }
}

@Suite(.timeLimit(.minutes(10)))
struct LoopsTests {
    @Test func `beats on several loops share calls, and each is answered on its own loop`() throws {
        let (loopsCount, tasks, beats) = (4, 3, 300)
        let shared = RelayState(RelayState.Settings())
        let calls = SlowUpstream.Calls()
        let answered = Mutex(0)
        let strayed = Atomic(false)
        let loops = try (0..<loopsCount).map { try EventLoop(name: "loop-\($0)") }
        for (number, loop) in loops.enumerated() {
            loop.start {
                let service = RelayService(SlowUpstream(calls), shared, on: loop)
                let count = Count(beats, on: loop)
                for beat in 0..<beats {
                    loop.spawn {
                        let relay = await service.relay(Self.beat("task-\(beat % tasks)", "\(number)-\(beat)"))
                        if relay.outcome == .success(false) { answered.withLock { $0 += 1 } }
                        if !loop.isOnLoop { strayed.store(true, ordering: .relaxed) }
                        count.down()
                    }
                }
                await count.zero()
                await service.drain(until: .now + .seconds(60))
            }
        }
        for loop in loops { loop.join() }
        #expect(answered.withLock(\.self) == loopsCount * beats)
        let hasStrayed = strayed.load(ordering: .relaxed)
        #expect(!hasStrayed)
        let made = calls.all.withLock(\.self)
        #expect(made.count < loopsCount * beats)
        #expect(Set(made).count == made.count)
        #expect(shared.snapshot.tasks == 0)
        #expect(shared.snapshot.queued == 0)
    }

    private static func beat(_ token: String, _ details: String) -> Beat {
        Beat(
            taskToken: TaskToken(secret: token), taskHash: TaskHash(of: token), details: details,
            deadline: .now + .seconds(60),
            caller: Caller(name: "worker", authentication: .apiKey))
    }
}

/// Waits on one loop until all have come.
private final class Count {
    private var left: Int
    private let changed: Wakeup

    init(_ left: Int, on loop: EventLoop) {
        self.left = left
        changed = Wakeup(on: loop)
    }

    func down() {
        left -= 1
        changed.signal()
    }

    func zero() async {
        while left > 0 { await changed.wait() }
    }
}
