import ArgumentParser
import EventLoop
import Fleet
import Foundation
import Synchronization
import TestSupport

/// The fleet that SWF's quota is too small for, through the service and straight.
struct FleetBench: ParsableCommand {
    enum Way: String, ExpressibleByArgument, CaseIterable {
        case facade, direct
    }

    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "Workers' heartbeats over sockets, with the simulator in SWF's place.")

    @Option(help: "For which all tasks are there; they begin over 40 seconds before.")
    var seconds = 120

    @Option var tasks = 7000

    @Option(help: "How many are to be cancelled meanwhile.")
    var cancellations = 300

    @Option(help: "The service's HEARTBEAT_SWF_RATE. (default: what SWF takes)")
    var swfRate: String?

    @Option(name: .customLong("through"), help: "facade or direct. (default: one after the other)")
    var way: Way?

    static func run(_ arguments: [String]) { main(arguments) }

    func run() throws {
        var plan = Plan()
        (plan.seconds, plan.tasks, plan.cancellations, plan.rateTold) = (seconds, tasks, cancellations, swfRate)
        print(
            "\(plan.tasks) tasks with a heartbeat timeout of \(plan.timeout) s, a beat each \(plan.interval) s, for "
                + "\(plan.seconds) s after \(plan.ramp) s in which they begin; SWF takes \(plan.rate)")
        for way in way.map({ [$0] }) ?? Way.allCases {
            switch way {
            case .facade:
                let server = try PrivatePostgreSQL(settings: ["fsync": "on", "full_page_writes": "on"])
                show("through the service", try plan.runThroughFacade(server))
            case .direct:
                show("straight, with boto3's retries", try plan.runStraight())
                try compare()
            }
        }
    }

    /// A fiftieth of it all, so that Python suffices for all of its workers: beside the same with ours.
    private func compare() throws {
        var plan = Plan()
        (plan.seconds, plan.tasks, plan.cancellations, plan.rate) = (seconds, 140, 0, "3/s:40")
        var python = plan
        python.boto3Tasks = plan.tasks
        let reports = Mutex<[Result<Report, any Error>?]>([nil, nil])
        let threads = [plan, python].enumerated().map { index, plan in
            Thread(named: "fleet-\(index)") {
                let report = Result { try plan.runStraight() }
                reports.withLock { $0[index] = report }
            }
        }
        for thread in threads { thread.join() }
        for (title, report) in zip(["these workers", "boto3's"], reports.withLock(\.self)) {
            if let report { show("\(plan.tasks) tasks straight, SWF takes \(plan.rate): \(title)", try report.get()) }
        }
    }

    private func show(_ title: String, _ report: Report) {
        let tally = report.boto3?.tally ?? report.tally
        print(title + (report.boto3.map { " (\($0.version))" } ?? ""))
        row("beats", "\(tally.beats)")
        row("refused", refused(tally))
        if tally.attempts > 0 { row("attempts a beat", perBeat(tally)) }
        row("tasks lost", "\(report.lost)")
        row("calls to SWF", "\(report.calls)")
        row("throttled", "\(report.throttled)")
        guard !report.cancellations.isEmpty else { return }
        let told = report.told
        row("cancellations told", "\(told.count) of \(report.cancellations.count)")
        if let last = told.last { row("after", "\(seconds(told[told.count / 2])), at most \(seconds(last))") }
        row("beats told too old", "\(report.cancellations.map(\.missed).reduce(0, +))")
    }

    private func row(_ name: String, _ value: String) {
        print("  \(name.padding(toLength: 22, withPad: " ", startingAt: 0))\(value)")
    }

    private func refused(_ tally: Tally) -> String {
        let share = 100 * Double(tally.refusedCount) / Double(max(tally.beats, 1))
        let reasons = tally.refused.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
        return String(format: "%d (%.2f %%)", tally.refusedCount, share)
            + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", "))
    }

    private func perBeat(_ tally: Tally) -> String {
        String(format: "%.2f", Double(tally.attempts) / Double(max(tally.beats, 1)))
    }

    private func seconds(_ duration: Duration) -> String { String(format: "%.1f s", duration / .seconds(1)) }
}
