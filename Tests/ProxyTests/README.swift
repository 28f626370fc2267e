import Foundation
import TestSupport

/// The configurations in the README and in the page on scaling, which are tried in this way.
enum README: String {
    case plain = "docker/PROXIES.md"
    /// Picks the instance by the task.
    case hashed = "docker/SCALING.md"

    /// - Parameters:
    ///   - port: where the proxy listens instead.
    ///   - instances: those that stand behind it instead.
    func configuration(of kind: Proxy.Kind, port: UInt16, instances: [ServiceProcess]) throws -> String {
        var text = try Readme.block(kind.rawValue.lowercased(), in: rawValue)
        try Self.replace(["listen 80;", "bind *:80"], in: &text) { shown in
            shown.hasPrefix("listen") ? "listen 127.0.0.1:\(port);" : "bind 127.0.0.1:\(port)"
        }
        for (host, instance) in zip(["10.0.0.1", "10.0.0.2"], instances) {
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

    /// Replaces the first of `candidates` that is there.
    private static func replace(_ candidates: [String], in text: inout String, by change: (String) -> String) throws {
        guard let found = candidates.first(where: text.contains) else {
            throw SupportError("none of \(candidates) is in\n\(text)")
        }
        text = text.replacingOccurrences(of: found, with: change(found))
    }
}
