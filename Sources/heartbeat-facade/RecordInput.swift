import ArgumentParser
import Heartbeat
import JSON

struct RecordRequestOptions: ParsableArguments {
    enum Skeleton: String, ExpressibleByArgument, CaseIterable {
        case input
        case output
    }

    @Option(help: "The task's token, or file:// and the path of a file with it.")
    var taskToken: String?

    @Option(
        help: """
            What to tell of the task's progress, up to \(HeartbeatBody.detailsCharactersMax) characters, or file:// \
            and the path of a file with it.
            """)
    var details: String?

    @Option(help: "The request as JSON, or file:// and the path of it; the options above win over its members.")
    var cliInputJson: String?

    @Option(
        defaultAsFlag: .input,
        help: "Print a skeleton of the request or, once the request is checked, of the answer; send nothing.")
    var generateCliSkeleton: Skeleton?

    /// - Throws: a `ValidationError` that has no trace of the token.
    func input(_ environment: [String: String]) throws -> RecordInput {
        let files = ParameterFiles(home: environment["HOME"])
        let token = try taskToken.map { try files.taskToken(of: $0, option: "--task-token") }
        let members = try cliInputJson.map {
            try Self.members(of: try files.text(of: $0, option: "--cli-input-json"))
        }
        guard let token = try token ?? Self.string("taskToken", in: members) else {
            throw ValidationError("Missing expected argument '--task-token <task-token>'")
        }
        let details =
            try details.map { try files.text(of: $0, option: "--details") } ?? Self.string("details", in: members)
        do throws(Problem) {
            if let details { try HeartbeatBody.checkDetails(details) }
            return RecordInput(taskToken: try TaskToken(validating: token), details: details)
        } catch {
            throw ValidationError(error.detail)
        }
    }

    private static func members(of json: String) throws -> [JSONMember] {
        let members: [JSONMember]
        do {
            members = try JSON.members(of: Array(json.utf8))
        } catch {
            throw ValidationError("--cli-input-json: \(error).")
        }
        for member in members where !["taskToken", "details"].contains(member.name) {
            let name = JSON.quoted(member.name.shortened)
            throw ValidationError("--cli-input-json has the unknown member \(name): taskToken and details are known.")
        }
        return members
    }

    private static func string(_ name: String, in members: [JSONMember]?) throws -> String? {
        switch members?.first(where: { $0.name == name })?.value {
        case nil: return nil
        case .string(let text): return text
        default: throw ValidationError("--cli-input-json: \(name) must be a string.")
        }
    }
}

/// What the heartbeat says.
struct RecordInput: Sendable {
    let taskToken: TaskToken
    let details: String?

    static let skeleton = """
        {
            "taskToken": "",
            "details": ""
        }
        """
}
