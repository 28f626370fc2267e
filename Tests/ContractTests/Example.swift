import Foundation
import TestSupport

/// An answer as the document has it.
struct Example: Decodable {
    /// Response, media type where it is no problem, and name.
    var key: String
    var media: String
    var status: Int
    /// nil: what the service itself answers there.
    var text: String?
    /// Whether each header that is described must be there.
    var headers: [String: Bool]

    static func all() throws -> [String: Example] {
        let output = try ChildProcess.run(
            Python.interpreter(),
            [
                "\(Locations.packageRoot)/Tests/ContractTests/examples.py",
                "\(Locations.packageRoot)/openapi/openapi.json",
            ],
            environment: ["PATH": Locations.path, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"])
        guard output.exit == .exited(0) else { throw SupportError("examples.py: \(output.standardError)") }
        let examples = try JSONDecoder().decode([Example].self, from: Data(output.standardOutput.utf8))
        return Dictionary(uniqueKeysWithValues: examples.map { ($0.key, $0) })
    }

    /// Of HTTP itself, which the document need not describe.
    private static let plainHeaders: Set<String> = ["date", "content-length", "content-type", "connection"]

    /// What the answer has otherwise than the example, one line each.
    func differences(from response: HTTPResponse) -> [String] {
        var found: [String] = []
        if response.status != status { found.append("status \(response.status), not \(status)") }
        let type = response["Content-Type"]?.prefix { $0 != ";" }
        if type.map(String.init) != media { found.append("type \(type ?? "none"), not \(media)") }
        if let text, !isSame(text, response.text) {
            found.append("answered: \(Self.blank(response.text))\nexample:  \(Self.blank(text))")
        }
        if response.body.isEmpty { found.append("no body") }
        let names = Set(response.headers.map { $0.name.lowercased() })
        for name in names.subtracting(Self.plainHeaders).subtracting(headers.keys.map { $0.lowercased() }) {
            found.append("the header \(name) is not described")
        }
        for (name, isRequired) in headers where isRequired && !names.contains(name.lowercased()) {
            found.append("there is no header \(name)")
        }
        return found
    }

    private func isSame(_ text: String, _ answered: String) -> Bool {
        if key.hasPrefix("getMetrics 200") {
            // An extract.
            let lines = Set(Self.blank(answered).split(separator: "\n"))
            return Self.blank(text).split(separator: "\n").allSatisfy(lines.contains)
        }
        return Self.blank(text) == Self.blank(answered)
    }

    /// What each call has of its own, made the same.
    private static func blank(_ text: String) -> String {
        let own: [(pattern: String, blank: String)] = [
            (#"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"#, "UUID"),
            (#"\d{4}-\d\d-\d\dT[\d:.]+Z"#, "TIME"),
            (#"("(durationMicroseconds|silentSeconds|count)":)\d+"#, "$1N"),
            (#"("next":")[0-9a-f]{48}""#, "$1CURSOR\""),
            (#"("instance":")[^"]+""#, "$1INSTANCE\""),
            (#"(?m)^(heartbeat_requests_total\{[^}]*\}) \d+$"#, "$1 N"),
            (#"port \d+"#, "port N"),
            // One of several ways to escape them.
            (#"\\u000a\\u0009"#, #"\\n\\t"#),
            // JSON ends with a line feed here and there.
            (#"\}\n$"#, "}"),
        ]
        return own.reduce(text) { text, rule in
            text.replacingOccurrences(of: rule.pattern, with: rule.blank, options: .regularExpression)
        }
    }
}
