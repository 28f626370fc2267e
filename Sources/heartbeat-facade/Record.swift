import AWSConfiguration
import ArgumentParser
import EventLoop
import Heartbeat
import JSON
import SWF
import SigningClient

struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send one RecordActivityTaskHeartbeat straight to SWF, as the AWS CLI does.")

    enum Output: String, ExpressibleByArgument, CaseIterable {
        case json
        case text
    }

    enum Skeleton: String, ExpressibleByArgument, CaseIterable {
        case input
        case output
    }

    @Option(help: "The task's token.")
    var taskToken: String?

    @Option(help: "What to tell of the task's progress, up to 2048 characters.")
    var details: String?

    @Option(help: "The request as JSON, or file:// and a path to it; the options above win over its members.")
    var cliInputJson: String?

    @Option(help: "Print a skeleton of the request or of the answer, and send nothing.")
    var generateCliSkeleton: Skeleton?

    @Option(help: "How to print the answer.")
    var output = Output.json

    @Option(help: "The endpoint to call instead of SWF's own.")
    var endpointUrl: String?

    @Option(help: "The region, instead of AWS_REGION.")
    var region: String?

    func run() throws {
        if let generateCliSkeleton {
            printResult(skeleton(generateCliSkeleton))
            return
        }
        let request = try request()
        let configuration = try configuration()
        switch try EventLoop.run({ loop in await Self.send(request, configuration, on: loop) }) {
        case .success(let cancelRequested):
            printResult(text(cancelRequested))
        case .failure(let failure):
            printDiagnostic(failure.description)
            throw ExitCode.failure
        }
    }

    // MARK: Before the call

    private func request() throws -> (taskToken: TaskToken, details: String?) {
        let members = try inputMembers()
        guard let token = taskToken ?? members.taskToken else {
            throw ValidationError("Missing expected argument '--task-token <task-token>'")
        }
        do throws(Problem) {
            let details = details ?? members.details
            if let details { try HeartbeatBody.checkDetails(details) }
            return (try TaskToken(validating: token), details)
        } catch {
            throw ValidationError(error.detail)
        }
    }

    private func inputMembers() throws -> (taskToken: String?, details: String?) {
        guard var json = cliInputJson else { return (nil, nil) }
        if json.hasPrefix("file://") {
            json = String(decoding: try readFile(at: String(json.dropFirst(7)), bytesMax: 1 << 20), as: UTF8.self)
        }
        var found: [String: String] = [:]
        do throws(JSONError) {
            for member in try JSON.members(of: Array(json.utf8)) {
                guard ["taskToken", "details"].contains(member.name), case .string(let value) = member.value else {
                    throw JSONError(reason: .valueExpected, offset: 0)
                }
                found[member.name] = value
            }
        } catch {
            throw ValidationError("--cli-input-json: the strings taskToken and details are expected: \(error)")
        }
        return (found["taskToken"], found["details"])
    }

    private func configuration() throws -> Configuration {
        var environment = processEnvironment()
        if let region { environment["AWS_REGION"] = region }
        if let endpointUrl { environment["AWS_ENDPOINT_URL_SWF"] = endpointUrl }
        let (configuration, faults) = Configuration.readAWSOnly(environment)
        for fault in faults { printDiagnostic("error: \(fault)") }
        if !faults.isEmpty { throw ExitCode.badConfiguration }
        return configuration
    }

    // MARK: The call

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func send(
        _ request: (taskToken: TaskToken, details: String?), _ configuration: Configuration, on loop: EventLoop
    ) async -> Result<Bool, Failure> {
        let client = SigningClient(
            configuration.signingClient, credentials: StaticCredentials(configuration.credentials),
            shared: SigningClient.Shared(), on: loop)
        let operation = RecordActivityTaskHeartbeat(taskToken: request.taskToken.secret, details: request.details)
        switch await client.call(operation, deadline: .now + .seconds(60)).result {
        case .success(let output): return .success(output.cancelRequested)
        case .failure(.fault(let fault)): return .failure(Failure(description: description(of: fault)))
        case .failure(.malformed):
            return .failure(Failure(description: "The answer is not SWF's: no cancelRequested."))
        case .failure(.timeout): return .failure(Failure(description: "No answer within 60 seconds."))
        case .failure(.unreachable(let reason)), .failure(.untrusted(let reason)):
            return .failure(Failure(description: "Could not connect to \(configuration.endpoint.url): \(reason)"))
        case .failure(.answerTooLarge): return .failure(Failure(description: "The answer is too large to be SWF's."))
        case .failure(.credentialsUnavailable): return .failure(Failure(description: "Unable to locate credentials."))
        }
    }

    /// In the AWS CLI's words.
    private static func description(of fault: Fault) -> String {
        let message = fault.message ?? "Unknown"
        let name = fault.type ?? String(fault.status)
        return "An error occurred (\(name)) when calling the RecordActivityTaskHeartbeat operation: \(message)"
    }

    // MARK: The output, in the AWS CLI's forms

    private func text(_ cancelRequested: Bool) -> String {
        switch output {
        case .json: "{\n    \"cancelRequested\": \(cancelRequested)\n}"
        case .text: cancelRequested ? "True" : "False"
        }
    }

    private func skeleton(_ kind: Skeleton) -> String {
        switch kind {
        case .input: "{\n    \"taskToken\": \"\",\n    \"details\": \"\"\n}"
        case .output: "{\n    \"cancelRequested\": true\n}"
        }
    }
}
