import EventLoop
import FlowControl
import Heartbeat
import Relaying
import TestSupport
import Testing

/// One loop's relays, with an SWF that the test answers for.
private final class Stage {
    let loop: EventLoop
    let upstream: FakeUpstream
    let service: RelayService
    private(set) var flushes: [RelayService.Flush] = []
    private let changed: Wakeup
    private(set) var answers: [String: Relay] = [:]

    init(
        _ settings: RelayState.Settings = RelayState.Settings(), callGrace: Duration = .seconds(60), on loop: EventLoop
    ) {
        self.loop = loop
        upstream = FakeUpstream(on: loop)
        changed = Wakeup(on: loop)
        var told: (RelayService.Flush) -> Void = { _ in }
        service = RelayService(
            upstream, RelayState(settings), on: loop, callGrace: callGrace, flushed: { told($0) })
        told = { [unowned self] flush in
            flushes.append(flush)
            changed.signal()
        }
    }

    /// Sends a beat, whose answer is then found under its details.
    func send(
        _ details: String, token: String = "T", timeout: Int? = nil, wait: Duration = .seconds(60),
        until deadline: ContinuousClock.Instant? = nil
    ) async {
        let beat = Beat(
            taskToken: TaskToken(secret: token), taskHash: TaskHash(of: token), details: details,
            deadline: deadline ?? .now + wait,
            heartbeatTimeout: timeout.map { .seconds($0) },
            caller: Caller(name: "worker", authentication: .apiKey), requestID: details)
        loop.spawn { [self] in
            answers[details] = await service.relay(beat)
            changed.signal()
        }
        await Task.yield()
    }

    func answer(to details: String) async -> Relay {
        while true {
            if let answer = answers[details] { return answer }
            await changed.wait()
        }
    }

    /// On a busy machine the interval may be over before the second one comes.
    func sendUntilPutOff(timeout: Int? = nil) async -> (details: String, Relay) {
        for number in 1... {
            await send("\(number)", timeout: timeout)
            let relay = await answer(to: "\(number)")
            if relay.age != nil { return ("\(number)", relay) }
        }
        return ("", .failed)
    }

    func forget(_ details: String) {
        answers[details] = nil
    }

    func flush() async -> RelayService.Flush {
        while flushes.isEmpty { await changed.wait() }
        return flushes[0]
    }
}

/// Lets the loop go on until a time has passed, and the timers that were set for it before.
private func pass(_ time: ContinuousClock.Instant, on loop: EventLoop) async {
    let passed = Wakeup(on: loop)
    await passed.wait(until: time)
    passed.cancel()
    await Task.yield()
}

@Suite(.timeLimit(.minutes(10)))
struct RelayServiceTests {
    /// Enough for a call that waits for one that hangs to be sent, on a machine that stands still for a while, too.
    private static let morePatience = TaskFlow.patience + .seconds(4)

    @Test func `beats that come during a call share the next one, with the newest details`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            await stage.send("1")
            await stage.upstream.wait(for: 1)
            for details in ["2", "3", "4"] { await stage.send(details) }
            await stage.send("other", token: "U")
            await stage.upstream.wait(for: 2)
            #expect(stage.upstream.calls.map(\.details) == ["1", "other"])
            stage.upstream.answer(0, .recorded)
            #expect(await stage.answer(to: "1") == .recorded)
            await stage.upstream.wait(for: 3)
            #expect(stage.upstream.calls.map(\.details) == ["1", "other", "4"])
            stage.upstream.answer(2, Relay(outcome: .success(true), upstreamRequestID: "last", attempts: 2))
            for (details, attempts) in [("2", 0), ("3", 0), ("4", 2)] {
                let answer = await stage.answer(to: details)
                let expected = Relay(outcome: .success(true), upstreamRequestID: "last", attempts: attempts)
                #expect(answer == expected)
            }
            stage.upstream.answer(1, .recorded)
            _ = await stage.answer(to: "other")
            #expect(stage.upstream.calls.count == 3)
        }
    }

    @Test func `one whose deadline passes hurts nobody else`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            await stage.send("1")
            await stage.upstream.wait(for: 1)
            await stage.send("2", wait: .milliseconds(20))
            await stage.send("3")
            #expect(await stage.answer(to: "2").outcome == .failure(.timeout))
            stage.upstream.answer(0, .recorded)
            await stage.upstream.wait(for: 2)
            #expect(stage.upstream.calls.map(\.details) == ["1", "3"])
            stage.upstream.answer(1, .recorded)
            #expect(await stage.answer(to: "3") == .recorded)
        }
    }

    @Test func `one whose call ends at its deadline is told what became of that call`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            await stage.send("1")
            await stage.upstream.wait(for: 1)
            let deadline = ContinuousClock.now + Self.morePatience
            await stage.send("2", until: deadline)
            // It goes although the first one hangs.
            await stage.upstream.wait(for: 2)
            await pass(deadline, on: loop)
            stage.upstream.answer(1, Relay(outcome: .failure(.timeout), attempts: 3))
            #expect(await stage.answer(to: "2") == Relay(outcome: .failure(.timeout), attempts: 3))
            stage.upstream.answer(0, .recorded)
        }
    }

    @Test func `one whose call goes on for others is not told that nothing was sent`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            await stage.send("1")
            await stage.upstream.wait(for: 1)
            await stage.send("2")
            await stage.send("3", wait: Self.morePatience)
            await stage.upstream.wait(for: 2)
            #expect(stage.upstream.calls.map(\.details) == ["1", "3"])
            #expect(await stage.answer(to: "3") == Relay(outcome: .failure(.timeout), attempts: 1))
            stage.upstream.answer(1, .recorded)
            #expect(await stage.answer(to: "2").outcome == .success(false))
            stage.upstream.answer(0, .recorded)
        }
    }

    @Test func `a call that hangs does not hold the next one back for long`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            await stage.send("1")
            await stage.upstream.wait(for: 1)
            await stage.send("2")
            await stage.upstream.wait(for: 2)
            stage.upstream.answer(1, .recorded)
            #expect(await stage.answer(to: "2") == .recorded)
            stage.upstream.answer(0, .failed)
            #expect(await stage.answer(to: "1").outcome == Relay.failed.outcome)
        }
    }

    @Test func `a failure is everybody's who waited for that call`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            await stage.send("1")
            await stage.upstream.wait(for: 1)
            await stage.send("2")
            await stage.send("3")
            stage.upstream.answer(0, .failed)
            await stage.upstream.wait(for: 2)
            stage.upstream.answer(1, .failed)
            for details in ["1", "2", "3"] {
                #expect(await stage.answer(to: details).outcome == Relay.failed.outcome)
            }
        }
    }

    @Test func `what is answered from the last known status is sent at half of the timeout`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            stage.upstream.answersAll = Relay(outcome: .success(true), attempts: 1)
            let (details, answer) = await stage.sendUntilPutOff(timeout: 2)
            #expect(answer.outcome == .success(true) && answer.attempts == 0)
            #expect(stage.upstream.calls.last?.details != details)
            let flush = await stage.flush()
            #expect(flush.beat.requestID == details && flush.relay.outcome == .success(true))
            #expect(stage.upstream.calls.last?.details == details)
        }
    }

    @Test func `without a timeout each beat goes to SWF`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            stage.upstream.answersAll = .recorded
            await stage.send("1", timeout: 60)
            _ = await stage.answer(to: "1")
            await stage.send("2")
            #expect(await stage.answer(to: "2") == .recorded)
            #expect(stage.upstream.calls.map(\.details) == ["1", "2"])
        }
    }

    @Test func `the operator's interval holds for those who say nothing`() throws {
        try EventLoop.run { loop in
            var settings = RelayState.Settings()
            settings.interval = .milliseconds(500)
            let stage = Stage(settings, on: loop)
            stage.upstream.answersAll = .recorded
            let (details, _) = await stage.sendUntilPutOff()
            #expect(await stage.flush().beat.details == details)
        }
    }

    @Test func `the end sends what was put off`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            stage.upstream.answersAll = .recorded
            for token in ["T", "U"] {
                await stage.send("1\(token)", token: token, timeout: 600)
                _ = await stage.answer(to: "1\(token)")
                await stage.send("2\(token)", token: token, timeout: 600)
                #expect(await stage.answer(to: "2\(token)").age != nil)
            }
            await stage.service.drain(until: .now + .seconds(60))
            #expect(stage.upstream.calls.compactMap(\.details).sorted() == ["1T", "1U", "2T", "2U"])
            #expect(stage.flushes.count == 2)
        }
    }

    @Test func `where calls are to end, those that have no answer by then get none`() throws {
        try EventLoop.run { loop in
            let stage = Stage(callGrace: .zero, on: loop)
            await stage.send("1")
            await stage.send("other", token: "U")
            await stage.upstream.wait(for: 2)
            await stage.send("2")
            stage.service.endCalls(by: .now)
            #expect(await stage.answer(to: "1") == Relay(outcome: .failure(.timeout), attempts: 1))
            #expect(await stage.answer(to: "2").outcome == .failure(.timeout))
            #expect(await stage.answer(to: "other") == Relay(outcome: .failure(.timeout), attempts: 1))
            await stage.send("late", token: "V")
            #expect(await stage.answer(to: "late") == Relay(outcome: .failure(.timeout), attempts: 0))
            #expect(!stage.upstream.calls.contains { $0.details == "late" })
            // SWF's answers come too late, and to nobody.
            for call in stage.upstream.calls.indices { stage.upstream.answer(call, .recorded) }
        }
    }

    @Test func `and who waits to be sent is refused`() throws {
        try EventLoop.run { loop in
            var settings = RelayState.Settings()
            settings.admission.callsMax = 1
            let stage = Stage(settings, callGrace: .zero, on: loop)
            await stage.send("1")
            await stage.upstream.wait(for: 1)
            await stage.send("other", token: "U")
            stage.service.endCalls(by: .now)
            #expect(await stage.answer(to: "1") == Relay(outcome: .failure(.timeout), attempts: 1))
            let refused = await stage.answer(to: "other")
            #expect(refused.outcome == .failure(.overloaded) && refused.attempts == 0)
            stage.upstream.answer(0, .recorded)
        }
    }

    @Test func `who cannot be served in time is told at once how long that would take`() throws {
        try EventLoop.run { loop in
            var settings = RelayState.Settings()
            settings.admission.rate = .known(RateLimit(rate: 1, burst: 4))
            let stage = Stage(settings, on: loop)
            stage.upstream.answersAll = .recorded
            for number in 0..<20 { await stage.send("\(number)", token: "\(number)", wait: .seconds(5)) }
            let last = await stage.answer(to: "19")
            #expect(last.outcome == .failure(.rateUsedUp) && last.attempts == 0)
            #expect(last.retryAfter.map { $0 >= .seconds(4) && $0 < .seconds(20) } == true)
            // One that waited for its turn.
            #expect(await stage.answer(to: "3") == .recorded)
        }
    }

    @Test func `a throttled beat is answered from the last known status where that is permitted`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            stage.upstream.answersAll = .recorded
            _ = await stage.sendUntilPutOff(timeout: 6)
            stage.upstream.answersAll = .throttled
            let before = stage.upstream.calls.count
            while stage.upstream.calls.count == before {
                stage.forget("again")
                await stage.send("again", timeout: 6)
                #expect(await stage.answer(to: "again").age != nil)
            }
            await stage.send("strict")
            let answer = await stage.answer(to: "strict")
            #expect(answer.outcome == Relay.throttled.outcome)
            #expect(answer.retryAfter != nil)
        }
    }

    @Test func `after many failures nothing is sent, and callers are told until when`() throws {
        try EventLoop.run { loop in
            let stage = Stage(on: loop)
            stage.upstream.answersAll = .failed
            for number in 0..<10 {
                await stage.send("\(number)", token: "\(number)")
                #expect(await stage.answer(to: "\(number)").outcome == Relay.failed.outcome)
            }
            // Where the test stands still for long enough, some are probes.
            for number in 10... {
                await stage.send("\(number)", token: "\(number)")
                let answer = await stage.answer(to: "\(number)")
                if answer.outcome == Relay.failed.outcome { continue }
                #expect(answer.outcome == .failure(.circuitOpen))
                #expect(answer.retryAfter.map { $0 > .zero && $0 <= .seconds(1 << (number - 10)) } == true)
                #expect(stage.upstream.calls.count == number)
                break
            }
        }
    }
}
