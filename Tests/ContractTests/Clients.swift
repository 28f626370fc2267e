import Foundation
import TestSupport

/// Clients that OpenAPI Generator makes of the document.
struct Clients {
    static func shared() throws -> Clients { try sharedResult.get() }

    private static let sharedResult = Result { try Clients() }

    let directory: TemporaryDirectory

    private init() throws {
        directory = try TemporaryDirectory("hbf-clients")
        let languages: [(generator: String, folder: String, properties: String)] = [
            ("python", "python", #"{"packageName":"heartbeat_client"}"#),
            ("go", "go/client", #"{"packageName":"client","withGoMod":false}"#),
            ("typescript-fetch", "typescript", "{}"),
        ]
        // All in one process, whose start is most of the work.
        let files = try languages.map { language in
            try directory.write(
                """
                {"generatorName":"\(language.generator)","inputSpec":"\(Locations.packageRoot)/openapi/openapi.json",
                "outputDir":"\(directory.file(language.folder))","additionalProperties":\(language.properties),
                "globalProperties":{"apiTests":"false","modelTests":"false","apiDocs":"false","modelDocs":"false"}}
                """, to: "\(language.generator).json")
        }
        let jar = try Python.run("import openapi_generator_cli as c; print(c.__path__[0] + '/openapi-generator.jar')")
            .trimmingCharacters(in: .newlines)
        try Self.run("java", ["-jar", jar, "batch", "--fail-fast"] + files)
    }

    /// The program that makes the calls of `ClientTests` with the Python client.
    /// - Returns: the lines that it printed.
    func runPython(_ arguments: [String]) throws -> [String] {
        try Self.run(
            Python.interpreter(), [Self.source("catalogue.py")] + arguments,
            ["PYTHONPATH": directory.file("python"), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"])
    }

    /// The same with the Go client, which needs nothing but Go's own library.
    func runGo(_ arguments: [String]) throws -> [String] {
        try directory.write("module heartbeat\n\ngo 1.18\n", to: "go/go.mod")
        try directory.write(String(contentsOfFile: Self.source("catalogue.go"), encoding: .utf8), to: "go/main.go")
        try Self.run(
            "env", ["--chdir", directory.file("go"), "go", "build", "-o", "catalogue", "."],
            [
                "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOCACHE": directory.file("go-cache"),
                "GOPATH": directory.file("go-path"),
            ])
        return try Self.run(directory.file("go/catalogue"), arguments)
    }

    /// Not by its strict rules, which the generator writes for a later version than Debian's.
    func compileTypeScript() throws {
        try Self.run(
            "tsc",
            [
                "--noEmit", "--target", "es2020", "--module", "es2020", "--moduleResolution", "node",
                "--lib", "es2020,dom", directory.file("typescript/index.ts"),
            ])
    }

    private static func source(_ name: String) -> String {
        "\(Locations.packageRoot)/Tests/ContractTests/clients/\(name)"
    }

    /// - Returns: the lines that it printed.
    @discardableResult
    private static func run(
        _ executable: String, _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> [String] {
        let output = try ChildProcess.run(
            executable, arguments, environment: environment.merging(["PATH": Locations.path]) { given, _ in given })
        guard output.exit == .exited(0) else {
            throw SupportError("\(executable): \(output.standardOutput)\n\(output.standardError)")
        }
        return output.standardOutput.split(separator: "\n").map(String.init)
    }
}
