import EventLoop
import SigV4
import Synchronization
import Testing
import TestSupport

@testable import SigningClient

struct CredentialsKeeperTests {
    private static func keeper(
        _ time: ManualTime, _ loads: LoadCount, on loop: EventLoop, _ script: @escaping ScriptedSource.Script
    ) -> CredentialsKeeper {
        CredentialsKeeper(on: loop, now: { time.now }, random: { 1 }) { ScriptedSource(loads, script) }
    }

    @Test func `callers on several loops share one refresh`() throws {
        let (loads, gate, time) = (LoadCount(), Gate(), ManualTime())
        let keeperLoop = try EventLoop(name: "keeper")
        let keeper = Self.keeper(time, loads, on: keeperLoop) { load in
            await runBlocking(named: "gate") { gate.wait() }
            return .numbered(load)
        }
        let callers = 30
        let asked = LoadCount()
        let answers = Mutex<[String]>([])
        let ended = Gate()
        keeperLoop.start { await runBlocking(named: "end") { ended.wait() } }
        let loops = try (0..<3).map { try EventLoop(name: "caller \($0)") }
        for loop in loops {
            loop.start {
                let crowd = Crowd<String>(on: loop)
                crowd.start(callers / 3) { _ in
                    if asked.next() == callers { gate.open() }
                    return await keeper.keyID()
                }
                let ids = await crowd.values()
                answers.withLock { $0 += ids }
            }
        }
        for loop in loops { loop.join() }
        ended.open()
        keeperLoop.join()
        #expect(answers.withLock { $0 } == Array(repeating: "AKIA1", count: callers))
        #expect(loads.value == 1)
    }

    @Test func `a caller waits no longer than its deadline, and the refresh goes on for others`() throws {
        let (loads, gate, time) = (LoadCount(), Gate(), ManualTime())
        let ids = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { load in
                await runBlocking(named: "gate") { gate.wait() }
                return .numbered(load)
            }
            let early = await keeper.keyID(within: .milliseconds(1))
            gate.open()
            return [early, await keeper.keyID()]
        }
        #expect(ids == ["overdue", "AKIA1"])
        #expect(loads.value == 1)
    }

    @Test func `a failure is told to all who ask during its pause`() throws {
        let (loads, time) = (LoadCount(), ManualTime())
        let ids = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { load throws(CredentialsFault) in
                if load < 2 { throw CredentialsFault(.unavailable, "down") }
                return .numbered(load)
            }
            var ids = [await keeper.keyID(), await keeper.keyID()]
            time.advance(milliseconds: 999)
            ids.append(await keeper.keyID())
            time.advance(milliseconds: 1)
            ids.append(await keeper.keyID())
            return ids
        }
        #expect(ids == ["unavailable", "unavailable", "unavailable", "AKIA2"])
        #expect(loads.value == 2)
    }

    @Test func `old credentials are used until they expire`() throws {
        let (loads, time) = (LoadCount(), ManualTime())
        let end = time.now + 3_600_000
        let (ids, status) = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { load throws(CredentialsFault) in
                if load > 1 { throw CredentialsFault(.unavailable, source: "scripted", "down") }
                return .numbered(load, until: end)
            }
            var ids = [await keeper.keyID()]
            time.advance(milliseconds: 3_599_999)
            ids.append(await keeper.keyID())
            let status = keeper.status
            time.advance(milliseconds: 1)
            ids.append(await keeper.keyID())
            return (ids, status)
        }
        #expect(ids == ["AKIA1", "AKIA1", "unavailable"])
        #expect(
            status
                == CredentialsStatus(
                    source: "scripted", expiration: end / 1000, isUsable: true,
                    fault: CredentialsFault(.unavailable, source: "scripted", "down")))
    }

    @Test func `a refresh that hangs keeps nobody from good credentials for long`() throws {
        let (loads, gate, time) = (LoadCount(), Gate(), ManualTime())
        let end = time.now + 3_600_000
        let ids = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { load in
                if load > 1 { await runBlocking(named: "gate") { gate.wait() } }
                return .numbered(load, until: end + Int64(load) * 3_600_000)
            }
            var ids = [await keeper.keyID()]
            time.advance(milliseconds: 7_000_000)
            ids.append(await keeper.keyID())
            gate.open()
            await keeper.refreshIfDue()
            ids.append(await keeper.keyID())
            return ids
        }
        #expect(ids == ["AKIA1", "AKIA1", "AKIA2"])
    }

    @Test func `what comes expired is a failure`() throws {
        let (loads, time) = (LoadCount(), ManualTime())
        let id = try EventLoop.run { loop in
            await Self.keeper(time, loads, on: loop) { .numbered($0, until: time.now) }.keyID()
        }
        #expect(id == "unavailable")
    }

    @Test func `no source at all`() throws {
        let (loads, time) = (LoadCount(), ManualTime())
        let status = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { _ in nil }
            #expect(await keeper.keyID() == "none")
            return keeper.status
        }
        #expect(status.fault?.description == "there are no AWS credentials: no source of them is set up")
        #expect(!status.isUsable)
    }

    // MARK: Refused credentials

    @Test func `a refusal forces one refresh for all`() throws {
        let (loads, time) = (LoadCount(), ManualTime())
        let ids = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { .numbered($0, until: time.now + 3_600_000) }
            _ = await keeper.keyID()
            let refused = SourcedCredentials.numbered(1).credentials
            let crowd = Crowd<String>(on: loop)
            crowd.start(20) { _ in await keeper.keyID(after: refused) }
            return await crowd.values() + [await keeper.keyID(after: refused), await keeper.keyID()]
        }
        #expect(ids == Array(repeating: "AKIA2", count: 22))
        #expect(loads.value == 2)
    }

    @Test func `a refusal of the only credentials is a fault, and not asked about again for a while`() throws {
        let (loads, time) = (LoadCount(), ManualTime())
        let ids = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { _ in .numbered(1) }
            var ids = [await keeper.keyID()]
            let refused = SourcedCredentials.numbered(1).credentials
            for _ in 0..<3 { ids.append(await keeper.keyID(after: refused)) }
            time.advance(milliseconds: CredentialsKeeper.forcedIntervalMin)
            ids.append(await keeper.keyID(after: refused))
            return ids + [await keeper.keyID()]
        }
        #expect(ids == ["AKIA1", "refused", "refused", "refused", "refused", "AKIA1"])
        #expect(loads.value == 3)
    }

    // MARK: In the background

    @Test func `refreshes ahead without being asked`() throws {
        let (loads, third, time) = (LoadCount(), Gate(), ManualTime())
        let hour: Int64 = 3_600_000
        try EventLoop.run { loop in
            // Each look at the clock is 30 hours after the one before; what comes holds until after the second.
            let now: @Sendable () -> Int64 = {
                time.advance(milliseconds: 30 * hour)
                return time.now
            }
            let keeper = CredentialsKeeper(on: loop, now: now, random: { 1 }) {
                ScriptedSource(loads) { load in
                    if load == 3 { third.open() }
                    return .numbered(load, until: time.now + 61 * hour)
                }
            }
            await keeper.start()
            await runBlocking(named: "third") { third.wait() }
            await keeper.stop()
        }
        #expect(loads.value >= 3)
    }

    @Test func `an hour with two-minute credentials from an endpoint that fails half of the time`() throws {
        let (loads, time) = (LoadCount(), ManualTime())
        var dice = SplitMix(seed: 4)
        let failures = Set((1...10_000).filter { _ in dice.next() % 2 == 0 })
        let faults = try EventLoop.run { loop in
            let keeper = Self.keeper(time, loads, on: loop) { load throws(CredentialsFault) in
                if failures.contains(load), load > 1 { throw CredentialsFault(.unavailable, "flaky") }
                // The endpoint rotates every 60 seconds what holds for 120.
                let rotation = time.now / 60_000
                return .numbered(Int(rotation), until: (rotation + 2) * 60_000)
            }
            var faults: [String] = []
            for _ in 0..<36_000 {
                await keeper.refreshIfDue()
                let (id, now) = (await keeper.keyID(), time.now)
                let rotation = Int64(id.dropFirst(4)) ?? 0
                if (rotation + 2) * 60_000 <= now { faults.append("\(now): \(id)") }
                time.advance(milliseconds: 100)
            }
            return faults
        }
        #expect(faults == [])
        #expect(loads.value > 60)
    }

    @Test func `nothing shows the credentials`() throws {
        let time = ManualTime()
        try EventLoop.run { loop in
            let keeper = Self.keeper(time, LoadCount(), on: loop) { .numbered($0, until: time.now + 60_000) }
            _ = await keeper.keyID()
            var dumped = ""
            dump(keeper, to: &dumped)
            for text in ["\(keeper)", "\(keeper.status)", dumped, String(reflecting: SourcedCredentials.numbered(1))] {
                #expect(!text.contains("hush") && !text.contains("AKIA1"))
            }
        }
    }
}

private struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
