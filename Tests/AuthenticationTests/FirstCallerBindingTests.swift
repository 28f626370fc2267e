import Authentication
import EventLoop
import Heartbeat
import Synchronization
import TestSupport
import Testing

/// A table that is asked, and notes when; on the caller's loop.
private final class FakeTable: FirstCallers {
    struct State {
        var callers: [TaskHash: Caller.Identity] = [:]
        var failure: AuditFailure?
        var deadlines: [ContinuousClock.Instant] = []
    }

    let state = Mutex(State())
    let arrive: @Sendable () async -> Void

    init(arrive: @escaping @Sendable () async -> Void = {}) {
        self.arrive = arrive
    }

    var questions: Int { state.withLock(\.deadlines.count) }

    func record(_ token: String, by caller: String) {
        state.withLock { $0.callers[TaskHash(of: token)] = Caller.Identity(name: caller, isOfToken: false) }
    }

    func fail(_ failure: AuditFailure?) { state.withLock { $0.failure = failure } }

    func firstCaller(
        of task: TaskHash, deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> Caller.Identity? {
        let answer: Result<Caller.Identity?, AuditFailure> = state.withLock { state in
            state.deadlines.append(deadline)
            return state.failure.map { .failure($0) } ?? .success(state.callers[task])
        }
        await arrive()
        return try answer.get()
    }
}

@Suite struct FirstCallerBindingTests {
    private static let admin = Caller(name: "admin", authentication: .jwt, scopes: [.admin])

    private func admits(
        _ binding: FirstCallerBinding, _ name: String, _ token: String,
        deadline: ContinuousClock.Instant = .now + .seconds(6)
    ) async -> Bool {
        let caller = name == "admin" ? Self.admin : Caller(name: name, authentication: .apiKey)
        return await binding.admits(caller, to: TaskHash(of: token), deadline: deadline)
    }

    @Test func `a task is its first caller's, by key or certificate, and an admin may too`() async {
        let binding = FirstCallerBinding(FakeTable())
        #expect(await admits(binding, "a", "t"))
        #expect(await !admits(binding, "b", "t"))
        #expect(await admits(binding, "admin", "t"))
        #expect(await admits(binding, "a", "t"))
        #expect(await admits(binding, "b", "u"))
        let byCertificate = Caller(name: "a", authentication: .clientCertificate)
        #expect(await binding.admits(byCertificate, to: TaskHash(of: "t"), deadline: .now + .seconds(6)))
        // Whoever signs the token could have written any name.
        let byToken = Caller(name: "a", authentication: .jwt)
        #expect(await !binding.admits(byToken, to: TaskHash(of: "t"), deadline: .now + .seconds(6)))
        #expect(await binding.admits(byToken, to: TaskHash(of: "w"), deadline: .now + .seconds(6)))
        #expect(await !admits(binding, "a", "w"))
        #expect(await admits(binding, "admin", "v"))
        #expect(await !admits(binding, "a", "v"))
    }

    @Test func `the table knows better than memory, and is not asked again once it has said`() async {
        let table = FakeTable()
        let binding = FirstCallerBinding(table)
        #expect(await admits(binding, "b", "t"))
        // In another replica somebody else was first.
        table.record("t", by: "a")
        #expect(await !admits(binding, "b", "t"))
        #expect(await admits(binding, "a", "t"))
        #expect(table.questions == 2)
        table.record("u", by: "a")
        #expect(await !admits(binding, "b", "u"))
        #expect(table.questions == 3)
    }

    @Test(arguments: [AuditFailure.unavailable, .full])
    func `where the table cannot be read the known stay as they are, and the unknown are served`(
        _ failure: AuditFailure
    ) async {
        let table = FakeTable()
        let binding = FirstCallerBinding(table)
        #expect(await admits(binding, "a", "claimed"))
        table.record("proven", by: "a")
        #expect(await admits(binding, "a", "proven"))
        table.fail(failure)
        for token in ["claimed", "proven"] {
            #expect(await admits(binding, "a", token))
            #expect(await !admits(binding, "b", token))
        }
        #expect(await admits(binding, "b", "new"))
        #expect(await admits(binding, "a", "new"))
        table.fail(nil)
        table.record("new", by: "a")
        #expect(await !admits(binding, "b", "new"))
    }

    @Test func `whoever was first while a look-up failed is the owner`() async {
        let meanwhile = Mutex<(@Sendable () async -> Void)?>(nil)
        let table = FakeTable(arrive: { await meanwhile.withLock { $0.take() }?() })
        let binding = FirstCallerBinding(table)
        table.fail(.unavailable)
        meanwhile.withLock {
            $0 = {
                table.fail(nil)
                #expect(await admits(binding, "a", "t"))
            }
        }
        #expect(await !admits(binding, "b", "t"))
    }

    @Test func `a refusal is looked up again, since an earlier row may have come late`() async {
        let table = FakeTable()
        let binding = FirstCallerBinding(table)
        table.record("t", by: "b")
        #expect(await admits(binding, "b", "t"))
        table.record("t", by: "a")
        #expect(await admits(binding, "b", "t"))
        #expect(await admits(binding, "a", "t"))
        #expect(await !admits(binding, "b", "t"))
    }

    @Test func `while rows are on their way to the table it is not asked`() async {
        let table = FakeTable()
        let isWhole = Mutex(true)
        let binding = FirstCallerBinding(table) { isWhole.withLock(\.self) }
        #expect(await admits(binding, "a", "claimed"))
        isWhole.withLock { $0 = false }
        table.record("t", by: "b")
        #expect(await admits(binding, "a", "t"))
        #expect(await admits(binding, "b", "t"))
        #expect(await !admits(binding, "b", "claimed"))
        #expect(table.questions == 1)
        isWhole.withLock { $0 = true }
        #expect(await !admits(binding, "a", "t"))
    }

    @Test func `what is forgotten is looked up`() async {
        let table = FakeTable()
        let binding = FirstCallerBinding(table, tasksMax: 2)
        for token in ["1", "2", "3"] {
            #expect(await admits(binding, "a", token))
            table.record(token, by: "a")
        }
        #expect(await !admits(binding, "b", "1"))
        #expect(table.questions == 4)
    }

    @Test func `a heartbeat does not spend its time on the look-up`() async throws {
        let table = FakeTable()
        let binding = FirstCallerBinding(table)
        let start = ContinuousClock.now
        _ = await admits(binding, "a", "t", deadline: start + .seconds(3))
        _ = await admits(binding, "a", "u", deadline: start + .seconds(3600))
        let deadlines = table.state.withLock(\.deadlines)
        #expect(deadlines[0] < start + .seconds(3))
        #expect(deadlines[1] < start + .seconds(1800))
    }

    @Test func `of callers that come at the same time exactly one is first`() async throws {
        for round in 0..<50 {
            // Each has been told that nobody was first before any goes on.
            let callers = 4
            let arrived = Mutex(0)
            let binding = FirstCallerBinding(
                FakeTable {
                    arrived.withLock { $0 += 1 }
                    while arrived.withLock(\.self) < callers { await Task.yield() }
                })
            let admitted = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<callers {
                    group.addTask { await self.admits(binding, "caller-\(number)", "t\(round)") }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(admitted == 1)
        }
    }
}
