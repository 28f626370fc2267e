package import Heartbeat

/// The relays of one task: which beats need one, which share one, and when what was put off is sent.
///
/// While a call is under way, beats that come join one further call, which begins when that one has ended, so that each
/// answer is from a call that began after its beat came. Where a beat says what the task's timeout is, it may be
/// answered from the last known status; what it brought is then kept, and sent in time by a flush.
package struct TaskFlow: Sendable {
    /// Where an answer is waited for.
    package struct Waiter: Sendable, Hashable {
        package let loop: Int
        package let number: Int

        package init(loop: Int, number: Int) {
            self.loop = loop
            self.number = number
        }
    }

    /// A beat whose answer is waited for.
    package struct Member: Sendable {
        package let waiter: Waiter
        package let beat: Beat
    }

    /// A call to SWF for those who wait for it.
    package struct Call: Sendable {
        package let id: Int
        package let begunAt: Moment
        package let deadline: Moment
        package let details: String?
        /// In the order in which they came: the details are the last one's, where it has some. None where one
        /// heartbeat makes its own call, and where the call is a flush.
        package let members: [Member]
        fileprivate let isFlush: Bool
        fileprivate let kept: Kept?

        fileprivate init(
            id: Int, begunAt: Moment, deadline: Moment, details: String?,
            members: [Member] = [], isFlush: Bool = false, kept: Kept? = nil
        ) {
            self.id = id
            self.begunAt = begunAt
            self.deadline = deadline
            self.details = details
            self.members = members
            self.isFlush = isFlush
            self.kept = kept
        }

        /// The one that began alone.
        package init(of beat: Beat, aloneSince begunAt: Moment) {
            self.init(id: TaskFlow.aloneID, begunAt: begunAt, deadline: Moment(beat.deadline), details: beat.details)
        }

        /// For a flush: the heartbeat that is sent late.
        package var flushed: Beat? { isFlush ? kept?.beat : nil }
    }

    /// The status that SWF last told.
    package struct LastKnown: Sendable, Equatable {
        package let cancelRequested: Bool
        /// At most so old.
        package let age: Duration
    }

    package enum Decision: Sendable {
        case lastKnown(LastKnown)
        /// To be made at once, by whoever asked.
        case call(Call, AdmissionControl.Permit)
        /// The beat waits for a call that others may wait for too.
        /// - Parameter drives: whether to see to it that the call is made.
        case joined(drives: Bool)
    }

    /// Where the answer is of a beat whose deadline has passed.
    package enum Overdue: Sendable, Equatable {
        /// There is none: its call had not begun, and is not made for it any more.
        case unsent
        /// It will come too late: the call goes on for others.
        /// - Parameter isSent: whether what the beat brought is in it.
        case underWay(isSent: Bool)
        /// It is on its way, or its call ends now.
        case due
    }

    package enum Verdict: Sendable, Equatable {
        case recorded(cancelRequested: Bool)
        /// The task is over.
        case gone
        /// - Parameter wait: until it makes sense to try again.
        case failed(wait: Duration)
    }

    /// A beat that was answered and not sent. A reference, so that flows and calls are small: hardly one has it.
    fileprivate final class Kept: Sendable {
        let beat: Beat
        let at: Moment
        /// After a failure.
        let notBefore: Moment?

        init(_ beat: Beat, at: Moment, notBefore: Moment?) {
            self.beat = beat
            self.at = at
            self.notBefore = notBefore
        }
    }

    /// Beats for which a call has not begun.
    private struct Group: Sendable {
        var members: [Member] = []
        var details: String?
        /// Somebody sees to it that a call is made.
        var isDriven = false

        /// The last one of those who wait; nil: nobody does.
        var deadline: Moment? { members.map { Moment($0.beat.deadline) }.max() }
    }

    /// A call that takes longer does not hold back the next one: without this service that would have gone too.
    package static let patience = Duration.seconds(1)
    /// Between two tries of a flush, as a share of the task's timeout.
    private static let flushRetryShare = 16
    private static let flushRetryMin = Duration.milliseconds(100)
    private static let flushTimeout = Duration.seconds(6)

    private static let aloneID = 0

    private var callsEver = aloneID
    private var callsUnderWay: [(id: Int, begunAt: Moment, deadline: Moment, members: [Member])] = []
    private var group: Group?
    private var rule: IntervalRule?
    /// When the last call began that SWF recorded: its status is not older, and the timeout began no earlier.
    private var renewedAt: Moment?
    /// When the last of these calls began that had details.
    private var detailsSentAt: Moment?
    /// Once SWF asked for the cancellation it is asked for, whatever comes later.
    package private(set) var cancelRequested = false
    private var kept: Kept?
    /// When the first beat came of a task that SWF has not been told of yet, for want of a place.
    private var refusedAt: Moment?
    /// When somebody was told to come back; nil: nobody was, since SWF was last told of the task.
    private var returnsAt: Moment?
    /// Of those that say the task's timeout.
    private var lastBeat: (at: Moment, caller: String)?

    package init() {}

    /// A task's, of which a beat's call is under way that nobody else knew of.
    package init(aloneSince begunAt: Moment) {
        callsUnderWay = [(Self.aloneID, begunAt, deadline: begunAt, members: [])]
    }

    // MARK: Beats

    /// - Parameters:
    ///   - rule: what the caller, or the operator, permits; nil: an answer of SWF's own is asked for.
    ///   - scarcity: of SWF's rate, 0 to 1.
    ///   - admit: lets a call go at once, if it may.
    package mutating func beat(
        _ beat: Beat, rule: IntervalRule?, from waiter: Waiter, at now: Moment,
        scarcity: () -> Double, admit: () -> AdmissionControl.Permit?
    ) -> Decision {
        if let rule {
            self.rule = rule
            if rule.isTimeoutKnown { lastBeat = (now, beat.caller?.name ?? "") }
            if let renewedAt, now - renewedAt < rule.interval(scarcity: scarcity()) {
                keep(beat, at: now)
                return .lastKnown(lastKnown(since: renewedAt, at: now))
            }
        }
        if group == nil, mayBegin(at: now), let permit = admit() {
            return .call(begin(Group(details: beat.details), deadline: Moment(beat.deadline), at: now), permit)
        }
        var joined = group ?? Group()
        joined.members.append(Member(waiter: waiter, beat: beat))
        joined.details = beat.details ?? joined.details
        let drives = !joined.isDriven && mayBegin(at: now)
        joined.isDriven = joined.isDriven || drives
        group = joined
        return .joined(drives: drives)
    }

    /// The deadline of a beat that joined others has passed.
    package mutating func leave(_ waiter: Waiter, at now: Moment) -> Overdue {
        if let index = group?.members.firstIndex(where: { $0.waiter == waiter }) {
            group?.members.remove(at: index)
            return .unsent
        }
        let call = callsUnderWay.first { $0.members.contains { $0.waiter == waiter } }
        guard let call, call.deadline > now else { return .due }
        return .underWay(isSent: call.members.last?.waiter == waiter)
    }

    // MARK: Calls

    /// Of the group's call: when it is of use at the latest, and whose it is; nil: nobody wants it any more.
    package mutating func groupNeeds() -> (deadline: Moment, caller: String)? {
        guard let group, let deadline = group.deadline ?? flushDeadline else {
            self.group = nil
            return nil
        }
        return (deadline, (group.members.last?.beat ?? kept?.beat)?.caller?.name ?? "")
    }

    /// Begins the call that the group waits for.
    /// - Returns: nil where nobody wants it any more.
    package mutating func beginGroup(at now: Moment) -> Call? {
        guard let group = group.take(), !group.members.isEmpty || kept != nil else { return nil }
        return begin(
            group, deadline: group.deadline ?? now + Self.flushTimeout, isFlush: group.members.isEmpty, at: now)
    }

    /// The group's call is not admitted.
    /// - Returns: who is to be told so, and who is answered from the last known status instead.
    package mutating func refuseGroup(
        wait: Duration, at now: Moment
    ) -> (refused: [Waiter], answered: [(Waiter, LastKnown)]) {
        postponeFlush(by: wait, at: now)
        guard let group = group.take() else { return ([], []) }
        if rule != nil, renewedAt == nil { refusedAt = refusedAt ?? now }
        var refused: [Waiter] = []
        var answered: [(Waiter, LastKnown)] = []
        for member in group.members {
            if let known = fallBack(member.beat, at: now) {
                answered.append((member.waiter, known))
            } else {
                refused.append(member.waiter)
            }
        }
        if rule != nil, !refused.isEmpty { returnsAt = now + wait }
        return (refused, answered)
    }

    /// - Returns: whether to see to it that the next call is made.
    package mutating func ended(_ call: Call, _ verdict: Verdict, at now: Moment) -> Bool {
        callsUnderWay.removeAll { $0.id == call.id }
        switch verdict {
        case .recorded(let isRequested):
            // Where nobody may be answered from it, there is nothing to remember.
            guard rule != nil else { break }
            renewedAt = max(renewedAt ?? call.begunAt, call.begunAt)
            if call.details != nil { detailsSentAt = max(detailsSentAt ?? call.begunAt, call.begunAt) }
            refusedAt = nil
            returnsAt = nil
            cancelRequested = cancelRequested || isRequested
        case .gone:
            rule = nil
            renewedAt = nil
            detailsSentAt = nil
            refusedAt = nil
            returnsAt = nil
            kept = nil
        case .failed(let wait):
            if let unsent = call.kept, isNews(unsent, of: call) { putBack(unsent) }
            postponeFlush(by: wait, at: now)
        }
        return driveGroup(at: now)
    }

    /// What a beat is answered that was to be relayed and was refused or throttled, if it may be; it is kept then.
    package mutating func fallBack(_ beat: Beat, at now: Moment) -> LastKnown? {
        guard beat.heartbeatTimeout != nil, let rule, let renewedAt, now - renewedAt < rule.longest else { return nil }
        keep(beat, at: now)
        return lastKnown(since: renewedAt, at: now)
    }

    // MARK: Time

    /// Whether there may be a `nextTime`.
    package var hasTime: Bool { group != nil || kept != nil || rule != nil }

    /// When `timePassed` is to be called; nil: not.
    package func nextTime(scarcity: Double) -> Moment? {
        if let group { return group.isDriven ? nil : patienceEnds }
        if kept != nil { return flushTime(scarcity: scarcity) }
        return expiry
    }

    /// - Parameter isLastChance: what is kept is to be sent now.
    /// - Returns: whether to see to it that a call is made.
    package mutating func timePassed(
        at now: Moment, scarcity: Double, isLastChance: Bool = false
    ) -> Bool {
        // Without this service, too, the task would be over.
        if let end = flushDeadline, now >= end { kept = nil }
        if group == nil, let time = flushTime(scarcity: scarcity), isLastChance || now >= time { group = Group() }
        if kept == nil, let expiry, now >= expiry {
            rule = nil
            renewedAt = nil
            refusedAt = nil
            returnsAt = nil
        }
        return driveGroup(at: now)
    }

    /// Whether nothing is lost if it is forgotten.
    package var isIdle: Bool {
        callsUnderWay.isEmpty && group == nil && kept == nil && renewedAt == nil && refusedAt == nil
    }

    package var hasKept: Bool { kept != nil }

    /// How long SWF has not heard of the task.
    package func silence(at now: Moment) -> Silence {
        guard let rule else { return Silence(unknownAt: now) }
        return renewedAt.map { Silence(since: $0, timeout: rule.lifetime, returnsAt: returnsAt) }
            ?? Silence(unknownAt: refusedAt ?? now, timeout: rule.lifetime, returnsAt: returnsAt)
    }

    /// That no beat came for longer than the task's timeout, where that is known.
    package func absence(at now: Moment) -> Absence? {
        guard let rule, rule.isTimeoutKnown, let lastBeat, now - lastBeat.at >= rule.lifetime else { return nil }
        return Absence(lastBeatAt: lastBeat.at, timeout: rule.lifetime, caller: lastBeat.caller)
    }

    // MARK: Within

    private var patienceEnds: Moment? {
        callsUnderWay.map(\.begunAt).max().map { $0 + Self.patience }
    }

    private func mayBegin(at now: Moment) -> Bool {
        patienceEnds.map { $0 <= now } ?? true
    }

    /// - Returns: whether to see to it that the group's call is made.
    private mutating func driveGroup(at now: Moment) -> Bool {
        guard group?.isDriven == false, mayBegin(at: now) else { return false }
        group?.isDriven = true
        return true
    }

    private mutating func begin(
        _ group: Group, deadline: Moment, isFlush: Bool = false, at now: Moment
    ) -> Call {
        callsEver += 1
        callsUnderWay.append((callsEver, now, deadline, group.members))
        let unsent = kept.take()
        return Call(
            id: callsEver, begunAt: now, deadline: deadline, details: group.details ?? unsent?.beat.details,
            members: group.members, isFlush: isFlush, kept: unsent)
    }

    private func lastKnown(since renewedAt: Moment, at now: Moment) -> LastKnown {
        LastKnown(cancelRequested: cancelRequested, age: now - renewedAt)
    }

    private mutating func keep(_ beat: Beat, at now: Moment) {
        var beat = beat
        beat.details = beat.details ?? kept?.beat.details
        kept = Kept(beat, at: now, notBefore: kept?.notBefore)
    }

    /// Whether a failed call's details are not behind those that a later one has brought meanwhile.
    private func isNews(_ unsent: Kept, of call: Call) -> Bool {
        let newest = unsent.beat.details == nil ? renewedAt : detailsSentAt
        return newest.map { $0 < call.begunAt } ?? true
    }

    /// What a failed call had with it is unsent again, but for what has come since.
    private mutating func putBack(_ unsent: Kept) {
        guard let newer = kept else {
            kept = unsent
            return
        }
        var beat = newer.beat
        beat.details = beat.details ?? unsent.beat.details
        kept = Kept(beat, at: newer.at, notBefore: newer.notBefore)
    }

    private mutating func postponeFlush(by wait: Duration, at now: Moment) {
        guard let rule, let unsent = kept else { return }
        let pause = max(min(wait, rule.lifetime / Self.flushRetryShare), Self.flushRetryMin)
        kept = Kept(unsent.beat, at: unsent.at, notBefore: now + pause)
    }

    private func flushTime(scarcity: Double) -> Moment? {
        guard let kept, let rule else { return nil }
        var time = kept.at + rule.flush
        if let renewedAt { time = min(time, renewedAt + max(rule.flush, rule.interval(scarcity: scarcity))) }
        return max(time, kept.notBefore ?? time)
    }

    private var expiry: Moment? {
        guard let rule, let start = renewedAt ?? refusedAt else { return nil }
        return start + rule.lifetime
    }

    private var flushDeadline: Moment? {
        guard let kept, let rule else { return nil }
        return max(kept.at, renewedAt ?? kept.at) + rule.lifetime
    }
}
