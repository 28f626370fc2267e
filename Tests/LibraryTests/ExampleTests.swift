import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ExampleTests {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private func example() throws -> String {
        let text = try String(contentsOfFile: #filePath.replacing("ExampleTests", with: "Example"), encoding: .utf8)
        let parts = text.components(separatedBy: "// example\n").last?.components(separatedBy: "// end of the example")
        return try #require(parts?.first)
    }

    @Test func `the README shows the example`() throws {
        let readme = try String(contentsOfFile: "\(Locations.packageRoot)/README.md", encoding: .utf8)
        #expect(readme.contains("```swift\n\(try example())```\n"))
    }

    @Test func `the example does what it says`() throws {
        let simulator = try SimulatorProcess()
        #expect(try heartbeat(Self.base64("ok#library"), environment: simulator.environment) == false)
        let token = Self.base64("cancel#library")
        #expect(try heartbeat(token, environment: simulator.environment) == true)
        #expect(try simulator.calls().contains("RespondActivityTaskCanceled"))
        // What was canceled is no more.
        #expect(throws: (any Error).self) { try heartbeat(token, environment: simulator.environment) }
    }

    /// The tests are of the package themselves, and see what is the package's own.
    @Test func `the example needs nothing but what is public`() throws {
        let directory = try TemporaryDirectory()
        let source = try directory.write(try example(), to: "example.swift")
        let modules = try Locations.buildDirectory().appending("/Modules")
        let maps = ["CLinux", "COpenSSL", "CCurl"].flatMap { name in
            ["-Xcc", "-fmodule-map-file=\(Locations.packageRoot)/Sources/\(name)/module.modulemap"]
        }
        let output = try ChildProcess.run(
            "env", ["swiftc", "-typecheck", "-swift-version", "6", "-I", modules] + maps + [source],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": directory.path])
        #expect(output.exit == .exited(0), "\(output.standardError)")
    }
}
