import ArgumentParser
import SigningClient

struct RecordOutputOptions: ParsableArguments {
    @Option(help: "How to print the answer; json, or what AWS_DEFAULT_OUTPUT says, where it is not given.")
    var output: RecordOutput?

    @Option(
        help: ArgumentHelp(
            "Print one member of the answer only.",
            discussion: "Of JMESPath, only the name of a member: cancelRequested. Any other name prints null or None."),
        transform: MemberName.init)
    var query: MemberName?

    func output(_ environment: [String: String]) throws -> RecordOutput {
        let name = "AWS_DEFAULT_OUTPUT"
        guard output == nil, let text = environment[name], !text.isEmpty else { return output ?? .json }
        guard let output = RecordOutput(rawValue: text) else {
            let choices = RecordOutput.allCases.map(\.rawValue).joined(separator: ", ")
            printDiagnostic("error: \(name): \"\(text)\" is none of \(choices).")
            throw ExitCode.badConfiguration
        }
        return output
    }
}

struct RecordAWSOptions: ParsableArguments {
    @Option(help: "The endpoint to call instead of SWF's own.")
    var endpointUrl: String?

    @Option(help: "The region, instead of AWS_REGION.")
    var region: String?

    @Option(help: "The profile of AWS's shared configuration, instead of AWS_PROFILE.")
    var profile: String?

    @Flag(help: "Send the request unsigned, without looking for credentials.")
    var noSignRequest = false

    /// The name of one that is given, for saying that it has no place.
    var firstGiven: String? {
        let given = [
            (endpointUrl != nil, "--endpoint-url"), (region != nil, "--region"), (profile != nil, "--profile"),
            (noSignRequest, "--no-sign-request"),
        ]
        return given.first { $0.0 }?.1
    }
}

struct RecordConnectionOptions: ParsableArguments {
    @Flag(name: .customLong("no-verify-ssl"), help: "Do not verify the server's certificate: for trying things out.")
    var noVerifySSL = false

    @Option(help: "A PEM file with the authorities to verify the server's certificate by.")
    var caBundle: String?

    @Option(help: "Seconds that connecting may take; 0: as long as it likes.")
    var cliConnectTimeout = 60

    @Option(help: "Seconds to wait for the answer, connecting included; 0: as long as it takes.")
    var cliReadTimeout = 60

    @Flag(
        help: """
            Show each attempt's headers and bodies on standard error, without the task token, keys and signatures.
            """)
    var debug = false

    /// A heartbeat says nothing of use after that.
    private static let secondsMax = 86_400

    func connection() throws -> RecordConnection {
        for (option, seconds) in [("connect", cliConnectTimeout), ("read", cliReadTimeout)]
        where !(0...Self.secondsMax).contains(seconds) {
            throw ValidationError("--cli-\(option)-timeout takes 0 to \(Self.secondsMax) seconds.")
        }
        func duration(_ seconds: Int) -> Duration { .seconds(seconds == 0 ? Self.secondsMax : seconds) }
        return RecordConnection(
            trust: noVerifySSL ? .nothing : caBundle.map { .bundle(path: $0) },
            connectTimeout: duration(cliConnectTimeout), timeout: duration(cliReadTimeout), isTraced: debug)
    }
}

/// How a heartbeat is sent, wherever it goes.
struct RecordConnection: Sendable {
    /// nil: as the environment has it.
    var trust: Trust?
    var connectTimeout: Duration
    /// Of one attempt, connecting included.
    var timeout: Duration
    var isTraced: Bool
}
