import AWSConfiguration
import Foundation
import TestSupport

/// `botocore_configuration.py`, which says what botocore does.
enum Botocore {
    static func run<Result: Decodable>(
        _ mode: String, _ cases: some Encodable, as type: Result.Type = Result.self
    ) throws -> [Result] {
        let directory = try TemporaryDirectory("botocore")
        let path = directory.file("cases.json")
        try JSONEncoder().encode(cases).write(to: URL(fileURLWithPath: path))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("botocore_configuration.py")
        let output = try Python.run(try String(contentsOf: script, encoding: .utf8), [mode, path])
        return try JSONDecoder().decode([Result].self, from: Data(output.utf8))
    }
}

/// The two files' texts.
struct FilePair: Encodable, CustomStringConvertible {
    var config: String?
    var credentials: String?

    func encode(to encoder: any Encoder) throws {
        // Absent ones too, as null.
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(config, forKey: .config)
        try container.encode(credentials, forKey: .credentials)
    }

    private enum Key: CodingKey { case config, credentials }

    var description: String {
        let texts = [config, credentials].map { $0.map { String(reflecting: $0) } ?? "-" }
        return "config \(texts[0]), credentials \(texts[1])"
    }
}
