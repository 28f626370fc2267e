import Foundation
import TestSupport

/// Workers in a process with boto3.
struct Boto3Workers {
    private struct Output: Decodable {
        let version: String
        let beats, recorded, gone, attempts: Int
        let refused: [String: Int]
    }

    private let child: ChildProcess

    /// Returns when they are about to begin.
    init(_ plan: Plan, _ simulator: SimulatorProcess) throws {
        let tasks = (0..<plan.tasks).filter(plan.isBoto3s).map { task in
            #"["\#(Plan.token(of: task))",\#(plan.begin(of: task).inSeconds)]"#
        }
        child = try ChildProcess(
            Python.interpreter(),
            [
                "\(Locations.packageRoot)/Tests/Fleet/boto3_workers.py", simulator.url, "\(plan.interval)",
                "\(plan.end.inSeconds)", "[\(tasks.joined(separator: ","))]",
            ],
            environment: simulator.environment.merging([
                "PATH": Locations.path, "AWS_DEFAULT_REGION": SimulatorProcess.region,
            ]) { own, _ in own })
        try child.waitForLine(on: .standardOutput) { $0 == "ready" }
    }

    func finish() throws -> (version: String, tally: Tally) {
        guard try child.waitForExit() == .exited(0), let last = child.standardOutput.split(separator: "\n").last else {
            throw child.failure("tells nothing")
        }
        let output = try JSONDecoder().decode(Output.self, from: Data(last.utf8))
        var tally = Tally()
        tally.beats = output.beats
        tally.recorded = output.recorded
        tally.gone = output.gone
        tally.attempts = output.attempts
        tally.refused = output.refused
        return (output.version, tally)
    }
}
