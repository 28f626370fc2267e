import Testing

/// A folder is a module, and a module has tests.
private enum Layout {
    /// The folders of Swift sources without a test folder of their own name, and what tests them.
    static let testedElsewhere = [
        "heartbeat-facade": "ServiceTests run it",
        "swf-simulator": "ServiceTests and SWFTests run it",
    ]

    /// What is amiss, a sentence each.
    ///
    /// - Parameters:
    ///   - folders: those of `Sources`.
    ///   - swiftFolders: those among them that hold Swift; the others are walls before C libraries, without logic.
    static func faults(
        folders: [String], swiftFolders: Set<String>, tests: [String], manifest: String, exceptions: Set<String>
    ) throws -> [String] {
        var faults: [String] = []
        for name in folders {
            let declarations = try Rule.findings(of: "(?:\\broom\\(\\s*|\\bname:\\s*)\"\(name)\"", in: manifest)
            if declarations.isEmpty {
                faults.append("Sources/\(name) is no target")
            }
            let isTested = tests.contains("\(name)Tests")
            if !isTested, swiftFolders.contains(name), !exceptions.contains(name) {
                faults.append("\(name) has no tests")
            }
            if isTested, exceptions.contains(name) {
                faults.append("\(name) has tests and is excused from them")
            }
        }
        return faults + exceptions.subtracting(folders).sorted().map { "\($0) is excused but does not exist" }
    }
}

struct LayoutTests {
    @Test func `each folder is a target with tests`() throws {
        let sources = try SourceFile.all().filter { $0.path.hasPrefix("Sources/") }
        let faults = try Layout.faults(
            folders: SourceFile.folders(in: "Sources"), swiftFolders: Set(sources.map(\.folder)),
            tests: SourceFile.folders(in: "Tests"), manifest: SourceFile.load("Package.swift").text,
            exceptions: Set(Layout.testedElsewhere.keys))
        #expect(faults == [])
    }

    @Test func `each fault of the layout is found`() throws {
        let faults = try Layout.faults(
            folders: ["A", "B", "C", "CWall", "D", "E"], swiftFolders: ["A", "B", "C", "D", "E"],
            tests: ["ATests", "CTests"],
            manifest: #"room("A"), .target(name: "B"), .target(name: "C"), .systemLibrary(name: "CWall"), room("E")"#,
            exceptions: ["C", "D", "F"])
        #expect(
            faults == [
                "B has no tests", "C has tests and is excused from them", "Sources/D is no target", "E has no tests",
                "F is excused but does not exist",
            ])
    }
}
