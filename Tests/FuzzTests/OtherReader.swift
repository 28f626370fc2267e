import Foundation
import TestSupport

/// A script in `Tests/Fuzz` that reads inputs, a line each in hexadecimal, and writes a line for each.
struct OtherReader {
    private let script: String

    init(_ name: String) {
        script = "\(Locations.packageRoot)/Tests/Fuzz/\(name)"
    }

    /// All of them in one process.
    func read(_ inputs: [[UInt8]]) throws -> [String] {
        let directory = try TemporaryDirectory()
        let input = try directory.write(inputs.map { hexadecimal($0) + "\n" }.joined(), to: "input")
        _ = try lines([input, directory.file("output")])
        let text = try String(contentsOfFile: directory.file("output"), encoding: .utf8)
        let results = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        guard results.count == inputs.count else { throw SupportError("\(script): \(results.count) lines") }
        return results
    }

    /// What it prints.
    func lines(_ arguments: [String]) throws -> [String] {
        let output = try ChildProcess.run(
            Python.interpreter(), [script] + arguments, environment: ["PATH": Locations.path, "PYTHONUTF8": "1"],
            within: .seconds(3600))
        guard output.exit == .exited(0) else { throw SupportError("\(script): \(output.standardError)") }
        return output.standardOutput.split(separator: "\n").map(String.init)
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// What is kept for a target of the fuzzer.
func corpus(_ target: String) throws -> [[UInt8]] {
    try corpusFiles(target).map { [UInt8](try Data(contentsOf: $0)) }
}

func corpusFiles(_ target: String) throws -> [URL] {
    let directory = URL(fileURLWithPath: "\(Locations.packageRoot)/Tests/Fuzz/corpus/\(target)")
    return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        .sorted { $0.path < $1.path }
}
