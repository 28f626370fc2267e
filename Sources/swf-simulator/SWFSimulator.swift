import ArgumentParser
import EventLoop
import Heartbeat
import SigV4
import Transport

@main
struct SWFSimulator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swf-simulator",
        abstract: "A stand-in for Amazon SWF's side of an activity task, for trials and tests.",
        discussion: helpText)

    @Option(help: "Where to listen; port 0 picks one. The first line of output tells the address.")
    var listen = "127.0.0.1:8000"

    @Option(help: "The region that requests must be signed for.")
    var region = "us-east-1"

    @Option(
        name: .customLong("access-key-id"), parsing: .unconditionalSingleValue,
        help: "An access key whose signatures are good; several with as many secrets. (default: AKIDEXAMPLE)")
    var accessKeyIDs: [String] = []

    @Option(
        name: .customLong("secret-access-key"), parsing: .unconditionalSingleValue,
        help: "Its secret. (default: the one of AWS's examples, wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY)")
    var secretAccessKeys: [String] = []

    @Option(help: "The session token that comes with each of these keys. (default: none may come)")
    var sessionToken: String?

    @Option(help: "A file of rules for what tokens get; see above.")
    var script: String?

    @Option(help: "How long each answer takes that says nothing of it: 20ms, 1s.")
    var latency = Latency(duration: .zero)

    @Option(help: "Heartbeats that it takes, such as SWF's own 160/s:2000; more are throttled. (default: all)")
    var rate: RateLimit?

    @Option(help: "After so long without a heartbeat a task is over: 60s. (default: never)")
    var heartbeatTimeout: Latency?

    @Option(
        parsing: .unconditional,
        help: "How far its clock is ahead, as Date tells it and signatures are judged by it: 10m, -600s.")
    var clockOffset = ClockOffset(seconds: 0)

    @Option(
        help: """
            What a request gets that is signed more than 5 minutes before or after its clock: skew, request-expired, \
            too-skewed.
            """)
    var skewFault = SkewFault.invalidSignature

    mutating func validate() throws {
        guard SocketAddress(listen) != nil else {
            throw ValidationError("--listen takes a numeric address and a port, such as 127.0.0.1:8000")
        }
        guard accessKeyIDs.count == secretAccessKeys.count else {
            throw ValidationError("there must be as many --secret-access-key as --access-key-id")
        }
    }

    func run() throws {
        guard let address = SocketAddress(listen) else { throw ExitCode.validationFailure }
        let simulator = Simulator(
            listen: address, region: region, credentials: credentials, script: try readScript(),
            latency: latency.duration, clockOffset: clockOffset, skewFault: skewFault, rate: rate,
            heartbeatTimeout: heartbeatTimeout?.duration)
        do throws(SystemError) {
            try simulator.run { _ = writeLine(Array("listening on \($0)\n".utf8), to: 1) }
        } catch {
            complain("\(error)")
            throw ExitCode.failure
        }
    }

    private var credentials: [Credentials] {
        let pairs = accessKeyIDs.isEmpty ? [Self.exampleKey] : Array(zip(accessKeyIDs, secretAccessKeys))
        return pairs.map { Credentials(accessKeyID: $0.0, secretAccessKey: $0.1, sessionToken: sessionToken) }
    }

    /// The key of AWS's published signature examples.
    private static let exampleKey = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

    private func readScript() throws -> Script {
        guard let script else { return Script() }
        do {
            return try Script(json: readFile(at: script, bytesMax: Script.fileBytesMax))
        } catch {
            complain("\(script): \(error)")
            throw ExitCode(78)  // EX_CONFIG of sysexits.h
        }
    }

    private func complain(_ line: String) {
        _ = writeLine(Array("swf-simulator: \(line)\n".utf8), to: 2)
    }
}

extension RateLimit: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}
