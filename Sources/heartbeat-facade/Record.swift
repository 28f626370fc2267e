import ArgumentParser
import EventLoop

struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send one RecordActivityTaskHeartbeat to SWF, or through a facade, as the AWS CLI does.",
        discussion: """
            Takes the options of `aws swf record-activity-task-heartbeat` and prints what it prints; what goes wrong \
            is said on standard error. With --url the heartbeat goes through a facade instead of straight to SWF.

            Exit codes, and the AWS CLI's for the same (of version 2; version 1 has 255
            for all of them, and 2 for 252):
              0   recorded, and the answer is printed (0)
              1   not known to be recorded: a fault, no answer (254, 255), or one
                  without cancelRequested (0)
              64  wrong options or input; nothing was sent (252)
              78  no region or credentials, or wrong ones; nothing was sent (253)
            """)

    @OptionGroup(title: "REQUEST OPTIONS")
    var request: RecordRequestOptions

    @OptionGroup(title: "OUTPUT OPTIONS")
    var answer: RecordOutputOptions

    @OptionGroup(title: "AWS OPTIONS")
    var aws: RecordAWSOptions

    @OptionGroup(title: "FACADE OPTIONS")
    var facade: RecordFacadeOptions

    @OptionGroup(title: "CONNECTION OPTIONS")
    var connection: RecordConnectionOptions

    func run() throws {
        let environment = processEnvironment()
        let output = try answer.output(environment)
        if request.generateCliSkeleton == .input {
            printResult(RecordInput.skeleton)
            return
        }
        let input = try request.input(environment)
        let cancelRequested = request.generateCliSkeleton == .output ? true : try send(input, environment)
        if let text = output.text(cancelRequested: cancelRequested, query: answer.query) { printResult(text) }
    }

    private func send(_ input: RecordInput, _ environment: [String: String]) throws -> Bool {
        let connection = try connection.connection()
        let result: Result<Bool, RecordFailure>
        if let target = try facade.target(environment) {
            if let option = aws.firstGiven {
                throw ValidationError("--url sends through a facade, which calls AWS itself: leave out \(option).")
            }
            result = try EventLoop.run { loop in await Self.send(input, through: target, connection, on: loop) }
        } else {
            let settings = try settings(environment, connection)
            result = try EventLoop.run { loop in await Self.send(input, with: settings, connection, on: loop) }
        }
        switch result {
        case .success(let cancelRequested): return cancelRequested
        case .failure(let failure):
            printDiagnostic(failure.text)
            throw failure.exitCode
        }
    }
}

/// Why a heartbeat was not recorded, to be printed.
struct RecordFailure: Error {
    let text: String
    var exitCode = ExitCode.failure
}
