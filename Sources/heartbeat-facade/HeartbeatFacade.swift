import ArgumentParser

@main
struct HeartbeatFacade: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heartbeat-facade",
        abstract: "A plain REST heartbeat for Amazon SWF activity workers.",
        discussion: """
            Results go to standard output, diagnostics to standard error. Exit codes: 0 ok, 1 failed, \
            64 wrong usage, 78 bad configuration.
            """,
        subcommands: [
            Serve.self, Migrate.self, Keys.self, AuditCommand.self, Record.self, Check.self, Healthcheck.self,
            OpenAPI.self, Version.self,
        ])
}

extension ExitCode {
    /// EX_CONFIG of sysexits.h.
    static let badConfiguration = ExitCode(78)
}
