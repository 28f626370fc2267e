import Testing

struct RuleTests {
    @Test(arguments: Rule.all)
    func `the sources keep the rule`(rule: Rule) throws {
        for file in try SourceFile.all() {
            for finding in try rule.findings(in: file) {
                Issue.record(
                    "\(file.path):\(finding.line): \(rule.name): \(finding.excerpt)",
                    sourceLocation: SourceLocation(
                        fileID: "TidyTests/\(file.path)", filePath: "\(SourceFile.packageRoot)/\(file.path)",
                        line: finding.line, column: 1))
            }
        }
    }

    @Test(arguments: Rule.all.flatMap { rule in rule.violations.map { (rule, $0) } })
    func `the rule finds`(rule: Rule, example: String) throws {
        let findings = try rule.findings(in: SourceFile(path: rule.examplePath, text: example))
        #expect(findings.count == 1)
    }

    @Test(arguments: Rule.all.flatMap { rule in rule.keeping.map { (rule, $0) } })
    func `the rule lets pass`(rule: Rule, example: String) throws {
        #expect(try rule.findings(in: SourceFile(path: rule.examplePath, text: example)).isEmpty)
    }

    @Test(arguments: Rule.all)
    func `each rule has examples of both kinds`(rule: Rule) {
        #expect(!rule.violations.isEmpty && !rule.keeping.isEmpty)
    }

    @Test func `a finding names the line, past comments and literals`() throws {
        let text = "/* a\n*/ let a = \"\"\"\n    b\n    \"\"\"\nlet b = a!\n"
        let findings = try Rule.all.flatMap {
            try $0.findings(in: SourceFile(path: "Sources/HTTP/A.swift", text: text))
        }
        #expect(findings.map(\.line) == [5])
        #expect(findings.map(\.excerpt) == ["let b = a!"])
    }

    @Test func `the rules see the package`() throws {
        let files = try SourceFile.all()
        #expect(files.contains { $0.path == "Package.swift" && $0.text.contains("swift-tools-version") })
        #expect(files.contains { $0.path == "Tests/TidyTests/RuleTests.swift" })
        for module in Rule.pureModules.union(Rule.commandLines) {
            #expect(files.contains { $0.path.hasPrefix("Sources/\(module)/") }, "\(module)")
        }
    }

    @Test(arguments: [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        (#"f("a \" b") + c"#, #"f("      ") + c"#),
        (##"#"a " \(b)"# c"##, ##"#"        "# c"##),
        (#""a \(b + "c" + (d)) e" f"#, #""   (b + " " + (d))  " f"#),
        (##"#"a \#(b) c"# d"##, ##"#"    (b)  "# d"##),
        ("\"\"\"\n  a \"b\" // c\n  \"\"\" d", "\"\"\"\n            \n  \"\"\" d"),
        ("`it's \"so\"` a", "`         ` a"),
        ("\"open\nnext", "\"    \nnext"),
    ])
    func `comments and literals are blanked`(text: String, expected: String) {
        #expect(CodeScanner.blanked(text) == expected)
    }
}
