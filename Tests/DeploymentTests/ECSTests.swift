import Foundation
import TestSupport
import Testing

struct ECSTests {
    private static let file = "\(Deployment.directory)/ecs/task-definition.json"

    @Test func `the task definition is one that ECS takes`() throws {
        #expect(try Deployment.ask("documents.py", ["ecs", Self.file]) == [])
        let directory = try TemporaryDirectory()
        let broken = try directory.write(
            Deployment.text(Self.file).replacing("\"stopTimeout\": 40", with: "\"stopTimout\": 40"), to: "broken.json")
        #expect(try Deployment.ask("documents.py", ["ecs", broken]).contains { $0.contains("stopTimout") })
    }

    @Test func `the service understands its settings, and has the time to drain`() throws {
        let definition = try Deployment.json(Self.file)
        let containers = try #require(definition["containerDefinitions"] as? [[String: Any]])
        let container = try #require(containers.first)
        let variables = try #require(container["environment"] as? [[String: String]])
        let settings = Dictionary(uniqueKeysWithValues: variables.map { ($0["name"] ?? "", $0["value"] ?? "") })
        #expect(try Deployment.complaint(about: settings) == nil)
        let seconds = ["HEARTBEAT_DRAIN_DELAY", "HEARTBEAT_SHUTDOWN_GRACE"].compactMap { name in
            settings[name].flatMap { Int($0.dropLast()) }
        }
        #expect(try #require(container["stopTimeout"] as? Int) > seconds.reduce(0, +))
        #expect(container["readonlyRootFilesystem"] as? Bool == true)
    }
}
