internal import EventLoop

/// Something that a task is needed for now and then.
protocol Job: AnyObject {
    func run() async
}

/// Tasks that run jobs, one after another.
///
/// A task keeps the memory of its deepest call to its end, and takes some to be made. So who is idle most of the time
/// has none, and a few that have nothing to do are kept. Lives on its loop.
final class TaskPool {
    /// Tasks that wait for a job, each with some 15 KB that its last one has needed.
    private static let idleMax = 64

    private final class Member {
        var job: (any Job)?
        var suspension: Suspension<Void>?
    }

    private let loop: EventLoop
    /// The last is the next: it has run last, and its memory is still at hand.
    private var idle: [Member] = []
    private var isStopped = false

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Has `job` run soon.
    func run(_ job: any Job) {
        if let member = idle.popLast() {
            member.job = job
            member.suspension.take()?.resume(returning: ())
        } else {
            loop.spawn { [self] in
                let member = Member()
                member.job = job
                while let job = member.job.take() {
                    await job.run()
                    if !isStopped, idle.count < Self.idleMax { await rest(member) }
                }
            }
        }
    }

    /// To be called before the last reference goes.
    func stop() {
        isStopped = true
        for member in idle { member.suspension.take()?.resume(returning: ()) }
        idle = []
    }

    private func rest(_ member: Member) async {
        await Suspension.wait { suspension in
            member.suspension = suspension
            idle.append(member)
        }
    }
}
