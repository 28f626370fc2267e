import Foundation
import TestSupport
import Testing

/// What a newcomer types first. `docker` is a stand-in that runs here what would run in a container: the image and the
/// compose file have checks of their own.
@Suite(.timeLimit(.minutes(10)))
struct QuickstartTests {
    private static let docker = """
        case "$1 $2" in "compose -f") file=$3 ;; *) exit 64 ;; esac
        [ -f "$file" ]
        shift 3
        case $1 in
        up) [ "$*" = "up --build --detach --wait" ] ;;
        exec)
            # A terminal would end the key with a carriage return.
            [ "$2" = -T ]
            grep --quiet "^  $3:$" "$file"
            shift 3
            exec "$@"
            ;;
        *) exit 64 ;;
        esac
        """

    @Test func `with Docker`() throws {
        let example = try #require(Readme.blocks("sh", below: "## Quickstart").first)
        let shell = try ReadmeShell()
        try shell.makeCommand("docker", Self.docker)
        let service = try Service()
        let output = try shell.call(example, service, in: Locations.packageRoot) { $0.contains("recorded") }
        let lines = output.split(separator: "\n")
        #expect(lines.first?.hasPrefix(#"{"cancelRequested":false}TIME"#) == true, "\(output)")
        #expect(lines.last?.contains(/demo +recorded +no +[0-9a-f]{12} .* 50%$/) == true, "\(output)")

        let query = try #require(Readme.blocks("sql", below: "### The audit table").last)
        let row = try #require(service.database.query(query).last)
        #expect(Array(row[1...]) == ["demo", "recorded", "f", "50%"])
        #expect(try service.process.terminate() == .exited(0))
    }

    /// `make run` builds, and then runs this.
    @Test func `the demonstration`() throws {
        #expect(try Readme.blocks("sh", below: "## Quickstart").last?.contains("make run ") == true)
        #expect(try Readme.text(of: "Makefile").contains("\t@.ci/demo .build/debug\n"))
        let products = try (Locations.product("heartbeat-facade") as NSString).deletingLastPathComponent
        let demo = try ChildProcess("\(Locations.packageRoot)/.ci/demo", [products])
        try demo.waitForLine(on: .standardOutput) { $0.contains("Ctrl-C stops it") }
        #expect(demo.standardOutput.contains("{\"cancelRequested\":false}\n"))
        #expect(demo.standardOutput.contains("{\"cancelRequested\":true}\n"))
        #expect(demo.standardOutput.matches(of: /outcome +\| recorded/).count == 2)
        demo.signal(SIGINT)
        #expect(try demo.waitForExit() == .exited(0), "\(demo.standardError)")
    }
}
