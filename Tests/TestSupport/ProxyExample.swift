import Foundation

/// The configurations in the pages on proxies and on scaling, which are tried in this way.
package enum ProxyExample: String, Sendable {
    case plain = "docker/PROXIES.md"
    /// Picks the instance by the task.
    case hashed = "docker/SCALING.md"

    /// What stands for the two instances in the pages.
    private static let hosts = ["10.0.0.1", "10.0.0.2"]

    /// - Parameters:
    ///   - port: where the proxy listens instead.
    ///   - instances: those that stand behind it instead. More than the page has get a line each as its last one.
    func configuration(of kind: Proxy.Kind, port: UInt16, instances: [ServiceProcess]) throws -> String {
        var text = try Readme.block(kind.rawValue.lowercased(), in: rawValue)
        try Self.replace(["listen 80;", "bind *:80"], in: &text) { shown in
            shown.hasPrefix("listen") ? "listen 127.0.0.1:\(port);" : "bind 127.0.0.1:\(port)"
        }
        var hosts = Self.hosts
        while hosts.count < instances.count { hosts.append(try Self.addHost(hosts.count, to: &text)) }
        for (host, instance) in zip(hosts, instances) {
            // HAProxy asks the operations listener.
            text = text.replacing(
                "\(host):8080 check port 9090",
                with: "127.0.0.1:\(instance.port) check port \(instance.operationsPort)")
            text = text.replacing("\(host):8080", with: "127.0.0.1:\(instance.port)")
        }
        // Nothing that a test starts may call another host.
        guard !text.contains("10.0.0.") else { throw SupportError("an address is left in\n\(text)") }
        return text
    }

    /// - Parameter index: of the host, from 0 on.
    private static func addHost(_ index: Int, to text: inout String) throws -> String {
        let (last, host) = (hosts[hosts.count - 1], "10.0.0.\(index + 1)")
        let lines = text.components(separatedBy: "\n")
        guard let line = lines.firstIndex(where: { $0.contains("server b \(last)") }) else {
            throw SupportError("no line of a server b to go by in\n\(text)")
        }
        let name = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index)))
        let added = lines[line].replacing("server b \(last)", with: "server \(name) \(host)")
        text = (lines[...line] + [added] + lines[(line + 1)...]).joined(separator: "\n")
        return host
    }

    /// Replaces the first of `candidates` that is there.
    private static func replace(_ candidates: [String], in text: inout String, by change: (String) -> String) throws {
        guard let found = candidates.first(where: text.contains) else {
            throw SupportError("none of \(candidates) is in\n\(text)")
        }
        text = text.replacingOccurrences(of: found, with: change(found))
    }
}
