import Foundation
import TestSupport
import Testing

struct ComposeTests {
    private typealias Object = [String: Any]

    private let file: Object
    private let services: [String: Object]

    init() throws {
        file = try Deployment.json("\(Deployment.directory)/compose.yaml")
        services = try #require(file["services"] as? [String: Object])
    }

    /// The content of a file that is in the compose file, as its container gets it: `$$` is a `$`.
    func content(_ name: String) throws -> String {
        let configs = try #require(file["configs"] as? [String: Object])
        let content = try #require(configs[name]?["content"] as? String)
        let single = content.replacing("$$", with: "")
        #expect(!single.contains("$"), "Compose would put a variable's value there")
        return content.replacing("$$", with: "$")
    }

    @Test func `it needs no other file`() throws {
        let configs = try #require(file["configs"] as? [String: Object])
        #expect(configs.values.allSatisfy { Array($0.keys) == ["content"] })
        #expect(file["secrets"] == nil)
        let volumes = try #require(file["volumes"] as? Object)
        for (name, service) in services {
            #expect(service["env_file"] == nil)
            for volume in service["volumes"] as? [String] ?? [] {
                #expect(volumes.keys.contains(String(volume.prefix { $0 != ":" })), "\(name): \(volume)")
            }
            for config in service["configs"] as? [Object] ?? [] {
                #expect(configs[config["source"] as? String ?? ""] != nil, "\(name): \(config)")
            }
        }
    }

    @Test func `nothing is published to other hosts`() {
        let ports = services.values.flatMap { $0["ports"] as? [String] ?? [] }
        #expect(!ports.isEmpty)
        #expect(ports.allSatisfy { $0.hasPrefix("127.0.0.1:") })
        #expect(Set(ports.map { $0.split(separator: ":")[1] }).count == ports.count)
    }

    @Test func `the service understands its settings`() throws {
        let settings = try #require(services["heartbeat-facade"]?["environment"] as? [String: String])
        #expect(try Deployment.complaint(about: settings) == nil)
    }

    @Test func `Prometheus asks the operations listener`() throws {
        #expect(try content("prometheus").contains("heartbeat-facade:9090"))
    }

    /// It has to have them in it; who has a Prometheus and a Grafana of his own takes the files.
    @Test(arguments: [("prometheus-alerts", "prometheus/alerts.yaml"), ("grafana-dashboard", "grafana/dashboard.json")])
    func `alerts and dashboard are those of the files`(config: String, path: String) throws {
        #expect(try content(config) == Deployment.text("\(Deployment.directory)/\(path)"))
    }

    @Test func `Prometheus gets the alerts where it looks for them`() throws {
        let configs = services["prometheus"]?["configs"] as? [Object] ?? []
        let target = try #require(
            configs.first { $0["source"] as? String == "prometheus-alerts" }?["target"] as? String)
        #expect(try content("prometheus").contains("rule_files: [\(target)]"))
    }
}
