import EventLoop
import Foundation
import SigningClient
import TestSupport

/// What the simulator is told, and asked, beside the calls to SWF. For use on its loop only.
final class SimulatorControl {
    private static let answerTimeout = Duration.seconds(60)

    private let simulator: SimulatorProcess
    private let client: PlainClient

    init(_ simulator: SimulatorProcess, on loop: EventLoop) {
        self.simulator = simulator
        client = PlainClient(on: loop)
    }

    func begin(_ tokens: [String]) async throws { try await tell("tasks", tokens) }
    func cancel(_ tokens: [String]) async throws { try await tell("cancellations", tokens) }

    private func tell(_ path: String, _ tokens: [String]) async throws {
        let answer = try await client.post(
            "\(simulator.url)/\(path)", headers: [], body: Array(JSONEncoder().encode(["taskTokens": tokens])),
            connectTimeout: Self.answerTimeout, deadline: .now + Self.answerTimeout
        ).get()
        guard answer.status == 204 else { throw SupportError("POST /\(path) is answered \(answer.status)") }
    }
}

extension Report {
    /// Adds what SWF says.
    mutating func ask(_ simulator: SimulatorProcess) throws {
        struct Tasks: Decodable { let timedOut: Int }
        struct Calls: Decodable {
            let byOperation: [String: Int]
            let byAnswer: [String: Int]
        }
        func get<Value: Decodable>(_ path: String, _: Value.Type) throws -> Value {
            let answer = try simulator.client().get(path, headers: [("Connection", "close")])
            return try JSONDecoder().decode(Value.self, from: Data(answer.body))
        }
        lost = try get("/tasks", Tasks.self).timedOut
        let all = try get("/calls", Calls.self)
        calls = all.byOperation["RecordActivityTaskHeartbeat"] ?? 0
        throttled = all.byAnswer["throttle"] ?? 0
    }
}
