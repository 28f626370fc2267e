import Foundation
import TestSupport

/// A script beside this file that reads questions, a line of JSON each, and prints a line for each.
struct SecondOpinion {
    private let script: String

    init(_ name: String) {
        script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// All of them in one process.
    func ask(_ questions: [some Encodable]) throws -> [String] {
        let directory = try TemporaryDirectory()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        var text = Data()
        for question in questions { text += try encoder.encode(question) + [UInt8(ascii: "\n")] }
        try text.write(to: URL(fileURLWithPath: directory.file("questions")))
        let answers = try lines([directory.file("questions")])
        guard answers.count == questions.count else { throw SupportError("\(script): \(answers.count) lines") }
        return answers
    }

    /// What it prints.
    func lines(_ arguments: [String]) throws -> [String] {
        let output = try ChildProcess.run(
            Python.interpreter(), [script] + arguments, environment: ["PATH": Locations.path, "PYTHONUTF8": "1"],
            within: .seconds(600))
        guard output.exit == .exited(0) else { throw SupportError("\(script): \(output.standardError)") }
        return output.standardOutput.split(separator: "\n").map(String.init)
    }
}

/// What a differential test is made of, for more of it by hand: `DIFFERENTIAL_SEED=7 swift test --filter SWFTests`.
func differentialSeed(_ otherwise: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment["DIFFERENTIAL_SEED"].flatMap { UInt64($0) } ?? otherwise
}
