import Foundation
import Heartbeat
import TestSupport
import Testing

@testable import heartbeat_facade

/// The README's tables that are made from the code. They are written one after the other: it is one file.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct TableTests {
    private func check(_ name: String, _ table: String) throws {
        let found = try Readme.generated(name, from: table)
        let differences = found.split(separator: "\n").difference(from: table.split(separator: "\n"))
        #expect(differences.isEmpty, "run make docs")
    }

    @Test func `settings`() throws {
        let rows = Setting.all.map { setting in
            [
                setting.isSecret ? "`\(setting.name)`, `\(setting.name)_FILE`" : "`\(setting.name)`",
                Self.isProse(setting.defaultText) ? setting.defaultText : "`\(setting.defaultText)`", setting.meaning,
            ]
        }
        let table = Readme.table(["variable", "default", "meaning"], rows)
        try check("settings", table)
    }

    private static func isProse(_ text: String) -> Bool {
        text == "none" || text.contains { $0 == " " || $0 == "`" }
    }

    @Test func `errors`() throws {
        let codes = ErrorCode.allCases.enumerated().sorted {
            ($0.element.status, $0.offset) < ($1.element.status, $1.offset)
        }
        let rows = codes.map { _, code in
            [
                "`\(code.rawValue)`", "\(code.status)\(code.retryAfterDefault == nil ? "" : " R")",
                code.explanation + Self.faults(code), code.advice,
            ]
        }
        let table = Readme.table(["code", "status", "what happened", "what to do"], rows)
        try check("errors", table)
    }

    /// What SWF calls it: the first names of many.
    private static func faults(_ code: ErrorCode) -> String {
        let names = code.faultTypes.prefix(2).map { "`\($0)`" }
        guard !names.isEmpty else { return "" }
        return " (\(names.joined(separator: ", "))\(code.faultTypes.count > names.count ? ", …" : ""))"
    }

    @Test func `metrics`() throws {
        let families = try MetricFamily.all(in: everyMetric())
        let rows = families.map { family in
            ["`\(family.name)`", family.kind, family.labelsText, family.help.replacing("|", with: "\\|")]
        }
        let table = Readme.table(["metric", "type", "labels", "meaning"], rows)
        try check("metrics", table)

        // None hides because it has nothing to tell here.
        let names = Set(families.map(\.name))
        for name in try Self.namesInSources() {
            #expect(names.contains(name), "\(name) has no sample: have this test's service do what gives it one")
        }
    }

    /// Kept by hand, for its last column.
    @Test func `columns of the audit table`() throws {
        let service = try Service()
        let columns = try service.database.query(
            """
            SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'heartbeat_audit'
            ORDER BY ordinal_position
            """)
        let lines = try Readme.text(of: "README.md").components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: "| column | type | |"))
        let rows = lines[(start + 2)...].prefix { $0.hasPrefix("|") }
            .map {
                $0.split(separator: "|").prefix(2).map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
            }
        #expect(rows == columns)
    }

    /// What a service tells that has everything switched on, and has made a call.
    private func everyMetric() throws -> String {
        let directory = try TemporaryDirectory("metrics")
        let keys = try directory.write(#"{"keys":[]}"#, to: "jwks.json")
        let credentials =
            #"{"Version":1,"AccessKeyId":"\#(SimulatorProcess.accessKeyID)","#
            + #""SecretAccessKey":"\#(SimulatorProcess.secretAccessKey)","Expiration":"2100-01-01T00:00:00Z"}"#
        let file = try directory.write(credentials, to: "credentials.json")
        let configuration = try directory.write(
            "[default]\ncredential_process = cat \(file)\n", to: "configuration")
        let authority = try CertificateAuthority()
        let certificate = try authority.issue("/CN=service")
        let service = try Service([
            "HEARTBEAT_TLS_CERTIFICATE": certificate.certificate, "HEARTBEAT_TLS_PRIVATE_KEY": certificate.key,
            "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONFIG_FILE": configuration,
            "AWS_SHARED_CREDENTIALS_FILE": directory.file("none"), "HEARTBEAT_SWF_RATE": "160/s:2000",
            "HEARTBEAT_SPOOL_DIRECTORY": directory.file("spool"), "HEARTBEAT_JWT_ISSUER": "https://id.example.com",
            "HEARTBEAT_JWT_AUDIENCE": "heartbeats", "HEARTBEAT_JWKS_FILE": keys,
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        ])
        let answer = try service.process.heartbeatOverTLS(base64("ok"), key: Service.key, trusting: authority)
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
        return try service.process.operations("/metrics").text
    }

    /// The literals that are a metric's name.
    private static func namesInSources() throws -> Set<String> {
        let sources = "\(Locations.packageRoot)/Sources"
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources).filter { $0.hasSuffix(".swift") }
        let names = try files.flatMap { file in
            try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
                .matches(of: /(?:counter|gauge|histogram)\(\s*"([a-z_]+)"/).map { String($0.1) }
        }
        #expect(names.count > 20)
        return Set(names)
    }
}

/// A family as `/metrics` tells it.
private struct MetricFamily {
    let name: String
    let help: String
    let kind: String
    /// In the order of their first appearance.
    var labels: [(name: String, values: [String])] = []

    private static let valuesShownMax = 6

    static func all(in text: String) throws -> [MetricFamily] {
        var families: [MetricFamily] = []
        var help: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP ") {
                help[words[2]] = words[3]
            } else if line.hasPrefix("# TYPE ") {
                let text = help[words[2]].map(String.init) ?? ""
                families.append(MetricFamily(name: String(words[2]), help: text, kind: String(words[3])))
            } else if !line.hasPrefix("#") {
                for label in line.matches(of: /([a-z_]+)="([^"]*)"/) where label.1 != "le" {
                    families[families.count - 1].add(String(label.1), String(label.2))
                }
            }
        }
        return families
    }

    private mutating func add(_ label: String, _ value: String) {
        guard let index = labels.firstIndex(where: { $0.name == label }) else {
            labels.append((label, [value]))
            return
        }
        if !labels[index].values.contains(value) { labels[index].values.append(value) }
    }

    var labelsText: String {
        labels.map { label in
            let values = label.values.map { "`\($0)`" }.joined(separator: ", ")
            return (2...Self.valuesShownMax).contains(label.values.count)
                ? "`\(label.name)`: \(values)" : "`\(label.name)`"
        }.joined(separator: "; ")
    }
}
