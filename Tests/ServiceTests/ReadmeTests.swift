import Foundation
import TestSupport
import Testing

/// The README's examples of callers, as they stand there.
@Suite(.timeLimit(.minutes(10)))
struct ReadmeTests {
    private let shell: ReadmeShell

    init() throws {
        shell = try ReadmeShell()
    }

    /// Does what is to be done before the service runs.
    /// - Returns: the variables that are then set for it.
    private func prepare(_ lines: String) throws -> [String: String] {
        let output = try shell.run("\(lines)\ndeclare -f >functions || true; env | grep ^HEARTBEAT_")
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        let pairs = output.standardOutput.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
    }

    private func callers(_ service: Service) throws -> [[String]] {
        try service.database.query(
            "SELECT caller, authentication, outcome FROM heartbeat_audit WHERE caller IS NOT NULL")
    }

    @Test func `API keys`() throws {
        let example = try Readme.block("sh", below: "### API keys")
        let service = try Service()
        let output = try shell.call(example, service) { $0.contains(#"{"cancelRequested":"#) }
        // A state as long as "revoked" widens its column.
        #expect(output.contains(/ID +STATE +CREATED/))
        #expect(output.contains(#""name":"batch","state":"active""#))
        #expect(output.contains(#""rateLimit":"10/s:50","networks":["127.0.0.0/8"]"#))
        #expect(output.contains(/revoked [0-9A-Za-z]{8} of batch\n/))
        #expect(try callers(service).allSatisfy { $0 == ["batch", "api_key", "recorded"] })
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test(arguments: [("### JSON Web Tokens", "jwt"), ("### Client certificates", "mtls")])
    func `tokens and certificates`(heading: String, authentication: String) throws {
        let examples = try Readme.blocks("sh", below: heading)
        try #require(examples.count == 2)
        let service = try Service(prepare(examples[0]))
        let output = try shell.call(". ./functions\n\(examples[1])", service)
        #expect(output.exit == .exited(0), "\(output.standardError)")
        #expect(output.standardOutput.hasPrefix(#"{"cancelRequested":"#), "\(output)")
        #expect(try callers(service) == [["worker-7", authentication, "recorded"]])
        #expect(try service.process.terminate() == .exited(0))
    }
}
