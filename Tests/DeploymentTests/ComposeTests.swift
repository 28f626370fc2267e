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
    private func content(_ name: String) throws -> String {
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

    @Test func `the dashboard's metrics are those of a service`() throws {
        let dashboard = try #require(
            JSONSerialization.jsonObject(with: Data(content("grafana-dashboard").utf8)) as? Object)
        let panels = try #require(dashboard["panels"] as? [Object])
        #expect(Set(panels.map { $0["id"] as? Int }).count == panels.count)
        let expressions = panels.flatMap { $0["targets"] as? [Object] ?? [] }.compactMap { $0["expr"] as? String }
        let names = Set(expressions.flatMap { $0.matches(of: /heartbeat_[a-z_]+/).map { String($0.0) } })
        #expect(names.count >= panels.count)

        let spool = try TemporaryDirectory()
        let service = try ServiceProcess(
            environment: SimulatorProcess().environment.merging([
                "DATABASE_URL": PrivatePostgreSQL.shared().createDatabase().tcpConnectionString,
                "HEARTBEAT_SPOOL_DIRECTORY": spool.file("spool"),
            ]) { $1 })
        let metrics = try service.operations("/metrics").text
        for name in names.sorted() {
            #expect(metrics.contains("\n\(name){") || metrics.contains("\n\(name) "), "\(name)")
        }
    }
}
