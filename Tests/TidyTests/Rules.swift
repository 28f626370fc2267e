import Foundation

extension Rule {
    static let all: [Rule] = [
        noEscapingTask, noSleep, noDispatch, noForce, explainedEvasions, nothingUnsafe, noFoundation, noPrint,
        oneEnvironmentReader, environmentIsGiven, releasedDependencies, noWorkLeft, fileLength, lineLength,
    ]

    /// Bytes and rules only: no system call, no pointer.
    static let pureModules: Set<String> = [
        "AWSConfiguration", "Calendar", "HTTP", "JSON", "SigV4", "Heartbeat", "FlowControl", "Telemetry",
        "OperatorPage",
    ]

    /// The folders whose business is to write on standard output.
    static let commandLines: Set<String> = ["heartbeat-facade", "swf-simulator"]

    /// The one place that reads the process environment; the modules are given their settings.
    static let environmentReaders: Set<String> = ["Sources/EventLoop/Environment.swift"]

    /// Has to know what libcurl finds in the environment by itself.
    static let proxyReader = "Sources/SigningClient/ClearProxies.swift"

    static let sourceLinesMax = 400
    static let lineCharactersMax = 120
}

// MARK: - What leaves the event loop

extension Rule {
    private static let noEscapingTask = Rule(
        "no task that leaves its event loop",
        against: #"\bTask\s*(?:<[^>\n]*>\s*)?\{|\bTask\s*\(\s*+(?!executorPreference)|\bTask\s*\.\s*detached\b"#,
        violations: [
            "Task {}", "let task = Task<Void, Never> { }", "Task(priority: .high) { }", "Task.detached { }",
            "_ = Task\n{ }", #"let x = "\(Task { 1 })""#,
        ],
        keeping: [
            "Task(executorPreference: loop.tasks) { }", "Task(\n    executorPreference: loop.tasks) { }",
            "var task: Task<Void, Never>?", "task.cancel(); Task.isCancelled", "UnknownTask(1)", "// Task { }",
            #"let x = "Task { }""#, "group.addTask { }",
        ])

    private static let noSleep = Rule(
        "no sleep, in tests neither", against: #"\b(?:u|nano|clock_nano)?sleep\s*\("#, covers: isAnything,
        examplePath: "Tests/HTTPTests/Example.swift",
        violations: ["try await Task.sleep(for: .seconds(1))", "usleep(10)", "sleep (1)", "nanosleep(&a, nil)"],
        keeping: ["let sleep = 1", "asleep(1)", "// sleep(1)", ##"#"sleep(1)"#"##, "func `no sleep(1)`() {}"])

    private static let noDispatch = Rule(
        "no Dispatch",
        against: #"\bimport\s+(?:\w+\s+)?Dispatch\b|\bDispatch(?:Queue|Group|Semaphore|Source|WorkItem|Time)\w*"#,
        violations: ["import Dispatch", "internal import class Dispatch.Source", "DispatchQueue.main"],
        keeping: ["import DispatchTable", "func dispatch() {}", "let reDispatchQueue = 1"])
}

// MARK: - What the compiler would let pass

extension Rule {
    private static let noForce = Rule(
        "no force: try!, as!, unwrap, implicitly unwrapped", against: #"(?<=[\w)\]>])!(?!=)"#,
        violations: [
            "try! f()", "x as! Int", "a!.b", "f()!", "a[0]!", "var x: Int!", "var x: Array<Int>!",
            #"let x = "\(a!)""#,
        ],
        keeping: ["a != b", "!a", "if !a {}", "(!a)", "a!=b", "// a!", #"let x = "a!""#])

    private static let explainedEvasions = Rule(
        "what evades the concurrency checks is explained in a comment above it", find: unexplainedEvasions,
        violations: [
            "final class A: @unchecked Sendable {}", "let a = 1\nnonisolated(unsafe) var b = 1",
            "// Short.\nnonisolated(unsafe) var b = 1",
            "// This comment is long enough.\n\nnonisolated(unsafe) var b = 1",
        ],
        keeping: [
            "// All its state is guarded by the lock.\nfinal class A: @unchecked Sendable {}",
            "    /// Loop-owned:\n    /// see `check`.\n    @usableFromInline\n    nonisolated(unsafe) var b",
            "// @unchecked Sendable",
        ])

    /// A comment directly above, attributes between them allowed.
    @Sendable private static func unexplainedEvasions(in file: SourceFile) throws -> [Finding] {
        let explanationCharactersMin = 20
        let lines = file.lines.map { $0.drop { $0 == " " } }
        return try findings(of: #"@unchecked\s+Sendable\b|\bnonisolated\s*\(\s*unsafe\s*\)"#, in: file.code).filter {
            let above = lines[..<($0.line - 1)].reversed().drop { $0.hasPrefix("@") }
            let comment = above.prefix { $0.hasPrefix("//") }
            return comment.map(\.count).reduce(0, +) < explanationCharactersMin
        }
    }

    private static let nothingUnsafe = Rule(
        "nothing unsafe in the pure modules", against: #"\bunsafe\b|Unsafe"#,
        covers: { isSource($0) && pureModules.contains($0.folder) },
        violations: [
            "unsafe f()", "UnsafePointer<Int>", "a.withUnsafeBytes { }", "nonisolated(unsafe) var a", "@unsafe",
        ],
        keeping: ["// unsafe", "let unsafely = 1", #"let x = "unsafe""#])
}

// MARK: - What reaches out of the process

extension Rule {
    private static let noFoundation = Rule(
        "no Foundation but its essentials", against: #"\bimport\s+(?:\w+\s+)?Foundation(?!Essentials\b)"#,
        violations: ["import Foundation", "package import struct Foundation.Date", "import FoundationNetworking"],
        keeping: ["import FoundationEssentials", "import struct FoundationEssentials.Date", "// import Foundation"])

    private static let noPrint = Rule(
        "prints only in the command lines", against: #"(?<![.\w])(?:print|debugPrint|dump)\s*\("#,
        covers: { isSource($0) && !commandLines.contains($0.folder) },
        violations: ["print(1)", "{ print (1) }", "debugPrint(1)", "dump(a)"],
        keeping: ["fingerprint(1)", "a.print(1)", "// print(1)", "let print = 1"])

    private static let oneEnvironmentReader = Rule(
        "the environment is read in one place",
        against: #"\b(?:getenv|secure_getenv|environ|clinux_environment|ProcessInfo)\b"#,
        covers: { isSource($0) && !environmentReaders.contains($0.path) },
        violations: [
            "getenv(name)", "ProcessInfo.processInfo.environment", "environ[0]", "secure_getenv(name)",
            "clinux_environment()",
        ],
        keeping: ["let environment = given", "// getenv"])

    private static let environmentIsGiven = Rule(
        "only the command lines take the environment", against: #"\bprocessEnvironment\b"#,
        covers: {
            isSource($0) && !environmentReaders.contains($0.path) && $0.path != proxyReader
                && !commandLines.contains($0.folder)
        },
        violations: ["processEnvironment()", "let read = processEnvironment"],
        keeping: ["let environment = given", "// processEnvironment"])

    private static let releasedDependencies = Rule(
        "dependencies are released versions", against: #"\.package\s*\([^)]*\b(?:branch|path|revision)\s*:"#,
        covers: { $0.path == "Package.swift" }, examplePath: "Package.swift",
        violations: [
            #".package(url: "https://example.org/a", branch: "main")"#, #".package(path: "../a")"#,
            #".package(name: "a", path: "../a")"#, ".package(\n    url: \"u\",\n    revision: \"0\")",
        ],
        keeping: [
            #".package(url: "https://example.org/a", exact: "1.0.0")"#, #".target(name: "A", path: "Tests/A")"#,
        ])
}

// MARK: - Form

extension Rule {
    /// Put together so that this file keeps the rule itself.
    private static let wordsForWorkLeft = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

    private static let noWorkLeft = Rule(
        "no work left in comments", covers: isAnything, examplePath: "Tests/HTTPTests/Example.swift",
        find: { try findings(of: "\\b(?:\(wordsForWorkLeft.joined(separator: "|")))\\b", in: $0.text) },
        violations: wordsForWorkLeft.map { "// \($0): later" } + wordsForWorkLeft.map { "let a = \"\($0)\"" },
        keeping: ["// All is done.", "template-XXXXXX", "let todo = 1"])

    private static let fileLength = Rule(
        "no source file over \(sourceLinesMax) lines",
        find: { file in
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            guard lines.count > sourceLinesMax else { return [] }
            return [Finding(line: sourceLinesMax + 1, excerpt: "\(lines.count) lines")]
        },
        violations: [String(repeating: "\n", count: sourceLinesMax + 1)],
        keeping: [String(repeating: "\n", count: sourceLinesMax)])

    private static let lineLength = Rule(
        "no line over \(lineCharactersMax) characters", covers: isAnything,
        find: { file in
            file.lines.enumerated().filter { $0.element.count > lineCharactersMax }
                .map { Finding(line: $0.offset + 1, excerpt: "\($0.element.count) characters") }
        },
        violations: ["a\n" + String(repeating: "é", count: lineCharactersMax + 1)],
        keeping: [String(repeating: "é", count: lineCharactersMax) + "\n"])
}
