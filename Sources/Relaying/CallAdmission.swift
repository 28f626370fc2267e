internal import FlowControl
internal import Heartbeat

/// The admission of one call's attempts: each takes its turn, and tells what came of it.
final class CallAdmission: AttemptAdmission {
    private let relays: RelayService
    private let key: FlowTable.Key
    private let caller: String
    private let deadline: Moment
    private var permit: AdmissionControl.Permit?
    private var ended = 0

    /// How many attempts have begun.
    var attempts: Int { permit == nil ? ended : ended + 1 }

    /// - Parameter permit: the first attempt's.
    init(
        _ relays: RelayService, _ key: FlowTable.Key, caller: String, deadline: Moment,
        permit: AdmissionControl.Permit
    ) {
        self.relays = relays
        self.key = key
        self.caller = caller
        self.deadline = deadline
        self.permit = permit
    }

    func admit() async -> Bool {
        permit = try? await relays.admission(of: key, caller: caller, deadline: deadline).get()
        return permit != nil
    }

    func ended(_ failure: UpstreamFailure?) {
        guard let permit = permit.take() else { return }
        ended += 1
        relays.release(
            permit, failure?.verdict(task: key.hash) ?? .answered, wasThrottled: failure?.isThrottling ?? false)
    }

    /// No attempt comes any more.
    func end() {
        if let permit = permit.take() { relays.release(permit, .nothing) }
    }
}
