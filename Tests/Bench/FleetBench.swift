import ArgumentParser
import Fleet
import Foundation
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

    @Option(help: "How many of the workers are threads with boto3, where they go straight to SWF.")
    var boto3 = 140

    @Option(name: .customLong("through"), help: "facade or direct. (default: one after the other)")
    var way: Way?

    static func run(_ arguments: [String]) { main(arguments) }

    func run() throws {
        var plan = Plan()
        (plan.seconds, plan.tasks, plan.cancellations, plan.boto3Tasks) = (seconds, tasks, cancellations, 0)
        print(
            "\(plan.tasks) tasks with a heartbeat timeout of \(plan.timeout) s, a beat each \(plan.interval) s, for "
                + "\(plan.seconds) s after \(plan.ramp) s in which they begin; SWF takes \(plan.rate)")
        for way in way.map({ [$0] }) ?? Way.allCases {
            switch way {
            case .facade:
                let server = try PrivatePostgreSQL(settings: ["fsync": "on", "full_page_writes": "on"])
                show("through the service", try plan.runThroughFacade(server))
            case .direct:
                plan.boto3Tasks = boto3
                show("straight, with boto3's retries", try plan.runStraight())
            }
        }
    }

    private func show(_ title: String, _ report: Report) {
        print(title)
        row("beats", "\(report.tally.beats)")
        row("refused", refused(report.tally))
        row("tasks lost", "\(report.lost)")
        row("calls to SWF", "\(report.calls)")
        row("throttled", "\(report.throttled)")
        let told = report.told
        row("cancellations told", "\(told.count) of \(report.cancellations.count)")
        if let last = told.last { row("after", "\(seconds(told[told.count / 2])), at most \(seconds(last))") }
        row("beats told too old", "\(report.cancellations.map(\.missed).reduce(0, +))")
        guard let (version, tally) = report.boto3 else { return }
        row("attempts a beat", perBeat(report.tally))
        row("boto3 \(version)", "\(tally.beats) beats, refused \(refused(tally)), attempts a beat \(perBeat(tally))")
    }

    private func row(_ name: String, _ value: String) {
        print("  \(name.padding(toLength: max(22, name.count + 2), withPad: " ", startingAt: 0))\(value)")
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
