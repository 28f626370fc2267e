import ArgumentParser
import Authentication
import Heartbeat

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make API keys for callers.", subcommands: [Create.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an API key, and the line of HEARTBEAT_API_KEYS that admits it.",
            discussion: """
                Prints two lines: the key, which is shown this once and stored nowhere, and the line to add to \
                HEARTBEAT_API_KEYS, which holds only its SHA-256.
                """)

        @Argument(help: "The caller's name, as audit rows will have it: 1 to 128 visible ASCII characters, no colon.")
        var name: String

        @Option(
            name: .customLong("scope"),
            help: ArgumentHelp(
                "What the caller may do; may be given several times.",
                discussion: """
                    heartbeat: record heartbeats. audit: read what the audit table has of its own heartbeats. admin: \
                    both, and everybody's heartbeats.
                    """))
        var scopes: [Scope] = [.heartbeat]

        func validate() throws {
            let line = "\(name):\(String(repeating: "0", count: 64))"
            guard let keys = try? StaticKeys(line), keys.entries.map(\.name) == [name] else {
                throw ValidationError(
                    "A name has 1 to \(StaticKeys.nameCharactersMax) visible ASCII characters and no colon.")
            }
        }

        func run() throws {
            let key = try APIKey.generate()
            printDiagnostic("The key of \(name), shown this once, and its line for HEARTBEAT_API_KEYS:")
            printResult(key.secret)
            printResult("\(name):\(key.sha256Hex)\(suffix)")
        }

        /// Nothing where the scopes are those that a line without any has.
        private var suffix: String {
            let scopes = Set(scopes)
            if scopes == Scope.standard { return "" }
            return ":" + Scope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
        }
    }
}

extension Scope: ExpressibleByArgument {}
