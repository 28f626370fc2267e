import FlowControl
import Heartbeat
import TestSupport
import Testing

/// One task's relays, with nothing in the way of its calls.
private struct Task {
    var flow = TaskFlow()
    var admission = AdmissionControl(AdmissionControl.Rules(), now: Task.start)
    private var waiters = 0

    static let start = Moment.now

    static func after(_ seconds: Double) -> Moment { start + .seconds(seconds) }

    mutating func beat(_ details: String?, timeout: Int? = 60, at seconds: Double) -> TaskFlow.Decision {
        waiters += 1
        let now = Self.after(seconds)
        let beat = Beat(
            taskToken: TaskToken(secret: "T"), taskHash: TaskHash(of: "T"), details: details,
            deadline: (now + .seconds(6)).instant,
            heartbeatTimeout: timeout.map { .seconds($0) })
        var admission = admission
        let decision = flow.beat(
            beat, rule: beat.heartbeatTimeout.map(IntervalRule.init(heartbeatTimeout:)),
            from: TaskFlow.Waiter(loop: 0, number: waiters), at: now, scarcity: { 0 },
            admit: { admission.tryAdmit("", at: now) })
        self.admission = admission
        return decision
    }

    /// A beat that makes a call of its own.
    mutating func call(_ details: String?, at seconds: Double) throws -> TaskFlow.Call {
        guard case .call(let call, _) = beat(details, at: seconds) else {
            throw Model.Fault(description: "there is no call at \(seconds)")
        }
        return call
    }

    /// The flush of what is put off.
    mutating func flush(at seconds: Double) throws -> TaskFlow.Call {
        guard flow.timePassed(at: Self.after(seconds), scarcity: 0),
            let call = flow.beginGroup(at: Self.after(seconds))
        else { throw Model.Fault(description: "there is no flush at \(seconds)") }
        return call
    }

    mutating func recorded(_ call: TaskFlow.Call, at seconds: Double, cancelRequested: Bool = false) {
        _ = flow.ended(call, .recorded(cancelRequested: cancelRequested), at: Self.after(seconds))
    }

    mutating func failed(_ call: TaskFlow.Call, at seconds: Double) {
        _ = flow.ended(call, .failed(wait: .zero), at: Self.after(seconds))
    }
}

struct TaskFlowTests {
    @Test func `what a failed flush brought is sent again, with newer details if there are any`() throws {
        var task = Task()
        task.recorded(try task.call("1", at: 0), at: 0.1)
        _ = task.beat("2", at: 1)
        let flush = try task.flush(at: 30)
        #expect(flush.details == "2")
        task.failed(flush, at: 31)
        let again = try task.flush(at: 36)
        #expect(again.details == "2")
    }

    @Test func `a flush that fails late does not bring its details behind newer ones`() throws {
        var task = Task()
        task.recorded(try task.call("1", at: 0), at: 0.1)
        _ = task.beat("2", at: 1)
        let flush = try task.flush(at: 30)
        task.recorded(try task.call("3", at: 32), at: 32.1)
        task.failed(flush, at: 36)
        #expect(!task.flow.hasKept)
    }

    @Test func `but it does where the newer call had none`() throws {
        var task = Task()
        task.recorded(try task.call("1", at: 0), at: 0.1)
        _ = task.beat("2", at: 1)
        let flush = try task.flush(at: 30)
        task.recorded(try task.call(nil, at: 32), at: 32.1)
        task.failed(flush, at: 36)
        let again = try task.flush(at: 62.1)
        #expect(again.details == "2")
    }

    @Test func `beats without details keep those that are put off`() throws {
        var task = Task()
        task.recorded(try task.call("1", at: 0), at: 0.1)
        _ = task.beat("2", at: 1)
        _ = task.beat(nil, at: 2)
        let call = try task.call(nil, at: 16)
        #expect(call.details == "2")
    }

    @Test func `a cancellation is never taken back, and a relay is due all the same`() throws {
        var task = Task()
        task.recorded(try task.call("1", at: 0), at: 0.1, cancelRequested: true)
        guard case .lastKnown(let known) = task.beat("2", at: 5) else {
            throw Model.Fault(description: "it is not answered from the last known status")
        }
        #expect(known.cancelRequested && known.age == .seconds(5))
        task.recorded(try task.call("3", at: 20), at: 20.1)
        #expect(task.flow.cancelRequested)
    }

    @Test func `a task that is gone is forgotten at once, one that is silent after its timeout`() throws {
        var task = Task()
        task.recorded(try task.call("1", at: 0), at: 0.1)
        #expect(!task.flow.isIdle && task.flow.nextTime(scarcity: 0) == Task.after(60))
        var gone = task
        let call = try gone.call("2", at: 20)
        _ = gone.flow.ended(call, .gone, at: Task.after(20.1))
        #expect(gone.flow.isIdle)
        let drives = task.flow.timePassed(at: Task.after(60), scarcity: 0)
        #expect(!drives)
        #expect(task.flow.isIdle)
    }

    @Test func `without a timeout nothing is remembered`() {
        var task = Task()
        guard case .call(let call, _) = task.beat("1", timeout: nil, at: 0) else { return #expect(Bool(false)) }
        task.recorded(call, at: 0.1)
        #expect(task.flow.isIdle)
    }

    @Test func `a flush waits for longer where the rate is scarce, but not too long after the last beat`() throws {
        var task = Task()
        task.recorded(try task.call("1", at: 0), at: 0.1)
        _ = task.beat("2", at: 1)
        #expect(task.flow.nextTime(scarcity: 0) == Task.after(30))
        #expect(task.flow.nextTime(scarcity: 1) == Task.after(31))
        _ = task.beat("3", at: 14)
        #expect(task.flow.nextTime(scarcity: 1) == Task.after(44))
    }
}
