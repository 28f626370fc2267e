import Foundation

/// A fleet of workers, each with one task, and what happens to it.
package struct Plan: Sendable {
    package var tasks = 7000
    /// The tasks' heartbeat timeout, in seconds.
    package var timeout = 60
    /// Between two beats of a task, in seconds.
    package var interval = 5
    /// Over which the tasks begin, in seconds: SWF hands them out no faster than 200 a second.
    package var ramp = 40
    /// For which all of them are there, in seconds.
    package var seconds = 120
    /// So many of the tasks are to be cancelled at moments made by chance, early enough to be told of it.
    package var cancellations = 300
    /// What SWF takes.
    package var rate = "160/s:2000"
    /// What the service is told of it, its `HEARTBEAT_SWF_RATE`; nil: the truth.
    package var rateTold: String?
    /// Of the tasks, those whose worker is a thread with boto3 where the fleet goes straight to SWF.
    package var boto3Tasks = 0

    package init() {}

    /// The timeout's share within which a beat may be answered from the last known status.
    private static let knownShare = 0.8

    /// How old a status may be that a beat is answered with.
    package var knownMax: Duration { .seconds(timeout) * Self.knownShare }

    /// When a task begins, from the fleet's begin on.
    func begin(of task: Int) -> Duration { .seconds(ramp) * (Double(task) / Double(max(tasks, 1))) }

    var end: Duration { .seconds(ramp + seconds) }

    /// When cancellations may be asked for, in seconds: so that there are beats which must tell of them.
    private var cancellationTimes: Range<Double> {
        let last = Double(ramp + seconds) - Double(timeout) * Self.knownShare - Double(2 * interval)
        let first = Double(ramp)
        return first..<max(last, first + 1)
    }

    /// By chance; workers with boto3 tell nothing of what they hear.
    func madeCancellations() -> [(task: Int, at: Duration)] {
        (0..<tasks).filter { !isBoto3s($0) }.shuffled().prefix(cancellations).map { task in
            (task, .seconds(Double.random(in: cancellationTimes)))
        }
    }

    func isBoto3s(_ task: Int) -> Bool { boto3Tasks > 0 && task.isMultiple(of: tasks / boto3Tasks) }

    /// What the simulator takes for a token, as long as SWF's own.
    static func token(of task: Int) -> String {
        let text = "ok#\(task)" + String(repeating: "-", count: 430)
        return Data(text.utf8.prefix(432)).base64EncodedString()
    }
}

extension Duration {
    static func seconds(_ value: Double) -> Duration { .nanoseconds(Int64(value * 1e9)) }

    var inSeconds: Double { self / .seconds(1) }
}
