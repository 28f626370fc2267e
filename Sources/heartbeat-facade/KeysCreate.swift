import ArgumentParser
import Authentication
import EventLoop
import HTTP
import Heartbeat
import PostgreSQL

struct KeysCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an API key.",
        discussion: """
            Prints the key, which is shown this once: only its SHA-256 is stored, in PostgreSQL where DATABASE_URL or \
            libpq's PG* variables say where that is. Else nothing is stored, and a second line is printed: the one to \
            add to HEARTBEAT_API_KEYS.
            """)

    private static let networksMax = 100

    @Argument(help: "The caller's name, as audit rows will have it: \(CallerName.rule).")
    var name: String

    @Option(help: "How long it is good for, such as 90d; for ever where it is not given.")
    var expires: String?

    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp(
            "What the caller may do; may be given several times.",
            discussion: """
                heartbeat: record heartbeats. audit: read what the audit table has of its own heartbeats. admin: \
                both, and everybody's heartbeats.
                """))
    var scopes: [Scope] = [.heartbeat]

    @Option(help: "The caller's own rate limit, such as 10/s, or 10/s:50 with a burst.")
    var rate: String?

    @Option(
        name: .customLong("network"),
        help: "Where it may be used from, an address or a network such as 10.0.0.0/8; may be given several times.")
    var networks: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard CallerName.isValid(name) else { throw ValidationError("A name has \(CallerName.rule).") }
        if let expires, lifetime(expires) == nil {
            throw ValidationError("--expires takes a duration of at least a second, such as 90d.")
        }
        if let rate, RateLimit(rate) == nil {
            throw ValidationError("--rate takes a rate such as 10/s, or 10/s:50 with a burst.")
        }
        for network in networks where IPNetwork(network) == nil {
            throw ValidationError("--network takes an address or a network such as 10.0.0.0/8, not \(network).")
        }
        if networks.count > Self.networksMax {
            throw ValidationError("--network may be given \(Self.networksMax) times.")
        }
    }

    func run() throws {
        if Configuration.namesDatabase(processEnvironment()) { return try createInTable() }
        guard expires == nil, rate == nil, networks.isEmpty else {
            throw ValidationError(
                "--expires, --rate and --network are for keys in PostgreSQL: say where it is with DATABASE_URL.")
        }
        try createStatic()
    }

    private func createInTable() throws {
        let grant = KeyTable.Grant(
            name: name, lifetime: expires.flatMap(lifetime), scopes: scopesText, rateLimit: rate,
            networks: networks.compactMap { IPNetwork($0)?.description }.joined(separator: ","))
        let key = try APIKey.generate()
        let made = try withKeyTable { table throws(PostgreSQLError) in try await table.create(key, grant) }
        guard let made else { throw ExitCode.failure }
        try KeyText.printOnce(key, made, json: json)
    }

    private func createStatic() throws {
        let key = try APIKey.generate()
        // Nothing where the scopes are those that a line without any has.
        let line = "\(name):\(key.sha256Hex)" + (Set(scopes) == Scope.standard ? "" : ":\(scopesText)")
        if json {
            var object = JSONObject()
            object.add("name", name)
            object.add("key", key.secret)
            object.add("line", line)
            return printResult(object.text)
        }
        printDiagnostic("The key of \(name), shown this once, and its line for HEARTBEAT_API_KEYS:")
        printResult(key.secret)
        printResult(line)
    }

    private var scopesText: String {
        Scope.allCases.filter(Set(scopes).contains).map(\.rawValue).joined(separator: ",")
    }

    private func lifetime(_ text: String) -> Duration? {
        DurationText.duration(text).flatMap { $0 >= .seconds(1) ? $0 : nil }
    }
}
