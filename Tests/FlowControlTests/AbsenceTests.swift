import Heartbeat
import TestSupport
import Testing

@testable import FlowControl

/// A table of tasks that are beaten for, each beat on time.
private struct Beats {
    static let start = Moment.now

    var table = FlowTable(tasksMax: 10_000)
    private var admission = AdmissionControl(AdmissionControl.Rules(), now: Beats.start)
    private var waiters = 0
    /// When the table wants to be called, by task.
    private(set) var alarms: [String: Moment] = [:]
    private var names: [TaskHash: String] = [:]

    static func after(_ seconds: Double) -> Moment { start + .seconds(seconds) }

    private static func key(_ task: String) -> FlowTable.Key {
        FlowTable.Key(TaskToken(secret: task), hash: TaskHash(of: task))
    }

    /// A beat, and its call if it makes one.
    mutating func beat(
        _ task: String, timeout: Int? = 60, interval: Int? = nil, at seconds: Double,
        verdict: TaskFlow.Verdict = .recorded(cancelRequested: false)
    ) {
        pass(until: seconds)
        waiters += 1
        let now = Self.after(seconds)
        let key = Self.key(task)
        names[key.hash] = task
        let beat = Beat(
            taskToken: key.token, taskHash: key.hash, deadline: (now + .seconds(6)).instant,
            heartbeatTimeout: timeout.map { .seconds($0) }, caller: Caller(name: "batch", authentication: .apiKey))
        let rule =
            beat.heartbeatTimeout.map(IntervalRule.init(heartbeatTimeout:))
            ?? interval.map { IntervalRule(interval: .seconds($0)) }
        var admission = admission
        if rule == nil {
            if table.beginAlone(key, at: now, admit: { admission.tryAdmit("", at: now) }) != nil {
                _ = table.endAlone(key)
            }
            return
        }
        let (decision, consequences) = table.beat(
            beat, key, rule: rule, from: TaskFlow.Waiter(loop: 0, number: waiters), at: now, scarcity: { 0 },
            admit: { admission.tryAdmit("", at: now) })
        note(consequences, task)
        guard case .call(let call, _) = decision else { return }
        note(table.ended(call, key, verdict, on: 0, at: now, scarcity: { 0 }).1, task)
    }

    /// Lets time pass: alarms go off, and what is to be flushed is.
    mutating func pass(until seconds: Double) {
        let end = Self.after(seconds)
        while let (task, time) = alarms.filter({ $0.value <= end }).min(by: { $0.value < $1.value }) {
            alarms[task] = nil
            let consequences = table.timePassed(Self.key(task), on: 0, at: time, scarcity: { 0 })
            note(consequences, task)
            guard consequences.drives, let call = table.beginGroup(Self.key(task), at: time) else { continue }
            note(
                table.ended(
                    call, Self.key(task), .recorded(cancelRequested: false), on: 0, at: time, scarcity: { 0 }
                ).1, task)
        }
    }

    private mutating func note(_ consequences: FlowTable.Consequences, _ task: String) {
        if let time = consequences.time { alarms[task] = time }
    }

    var absent: [String] { table.absences.compactMap { names[$0.task] }.sorted() }
}

struct AbsenceTests {
    @Test func `a task without a beat for its timeout is absent, and one with beats is not`() throws {
        var beats = Beats()
        beats.beat("silent", at: 0)
        for seconds in stride(from: 0.0, through: 90, by: 5) { beats.beat("busy", at: seconds) }
        #expect(beats.absent == ["silent"])
        let absence = try #require(beats.table.absences.first?.absence)
        #expect(absence == Absence(lastBeatAt: Beats.start, timeout: .seconds(60), caller: "batch"))
    }

    @Test func `not before the timeout is over`() {
        var beats = Beats()
        beats.beat("a", at: 0)
        beats.pass(until: 59.9)
        #expect(beats.absent == [])
        beats.pass(until: 60)
        #expect(beats.absent == ["a"])
    }

    @Test func `what was put off is sent, and buys the task no time`() throws {
        var beats = Beats()
        beats.beat("a", at: 0)
        beats.beat("a", at: 5)
        beats.pass(until: 89.9)
        #expect(beats.absent == [])
        // Its flush was at 30 seconds: it is forgotten a timeout later.
        beats.pass(until: 90)
        #expect(try #require(beats.table.absences.first).absence.lastBeatAt == Beats.after(5))
    }

    @Test(arguments: [60, nil])
    func `a beat ends the absence`(_ timeout: Int?) {
        var beats = Beats()
        beats.beat("a", at: 0)
        beats.beat("b", at: 0)
        beats.pass(until: 100)
        #expect(beats.absent == ["a", "b"])
        beats.beat("a", timeout: timeout, at: 100)
        #expect(beats.absent == ["b"])
    }

    @Test func `a task that SWF says is over is not absent`() {
        var beats = Beats()
        beats.beat("a", at: 0)
        beats.beat("a", at: 20, verdict: .gone)
        beats.pass(until: 1000)
        #expect(beats.absent == [])
    }

    @Test func `where the timeout is a guess, nobody is absent`() {
        var beats = Beats()
        beats.beat("a", timeout: nil, interval: 5, at: 0)
        beats.beat("b", timeout: nil, at: 0)
        beats.pass(until: 1000)
        #expect(beats.absent == [])
    }

    @Test func `a task whose beats come and fail is not absent`() {
        var beats = Beats()
        beats.beat("a", at: 0)
        for seconds in stride(from: 20.0, through: 80, by: 5) {
            beats.beat("a", at: seconds, verdict: .failed(wait: .zero))
        }
        #expect(beats.absent == [])
    }

    @Test func `the last ones are remembered`() {
        var beats = Beats()
        let count = 2 * AbsentTasks.tasksMax
        for number in 0..<count { beats.beat("task \(1000 + number)", at: Double(number)) }
        beats.pass(until: 1000)
        #expect(beats.absent == (count - AbsentTasks.tasksMax..<count).map { "task \(1000 + $0)" })
        #expect(beats.table.count == 0)
    }
}
