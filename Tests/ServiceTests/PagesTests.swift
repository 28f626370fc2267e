import Foundation
import TestSupport
import Testing

/// What the pages name is there.
@Suite(.timeLimit(.minutes(10)))
struct PagesTests {
    /// Those at the top, and beside what they tell of.
    static let pages: [String] = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] + docker

    private static let docker = ["PROXIES.md", "SCALING.md", "SWF.md"].map { "docker/\($0)" }

    @Test func `no page is forgotten`() throws {
        for folder in ["", "docker", "openapi"] {
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(Locations.packageRoot)/\(folder)")
            for file in files where file.hasSuffix(".md") {
                #expect(Self.pages.contains(folder.isEmpty ? file : "\(folder)/\(file)"))
            }
        }
    }

    /// As GitHub makes them of headings.
    private func anchors(in page: String) throws -> Set<String> {
        let headings = try Readme.text(of: page).split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                String(
                    heading.drop { $0 == "#" || $0 == " " }.lowercased()
                        .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
                        .map { $0 == " " ? "-" : $0 })
            })
    }

    @Test(arguments: pages) func `links lead somewhere`(page: String) throws {
        let folder = page.contains("/") ? "docker/" : ""
        for link in try Readme.text(of: page).matches(of: /\]\(([^)\s]*)\)/).map(\.1) where !link.hasPrefix("https://")
        {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let target = parts[0].isEmpty ? page : NSString(string: folder + parts[0]).standardizingPath
            #expect(FileManager.default.fileExists(atPath: "\(Locations.packageRoot)/\(target)"), "\(link)")
            if parts.count == 2 { #expect(try anchors(in: target).contains(String(parts[1])), "\(link)") }
        }
    }

    @Test func `modules have a row in CONTRIBUTING`() throws {
        let page = try Readme.text(of: "CONTRIBUTING.md")
        let modules = try FileManager.default.contentsOfDirectory(atPath: "\(Locations.packageRoot)/Sources")
        #expect(modules.count > 20)
        for module in modules {
            let isThere = page.contains("`\(module)`")
            #expect(isThere, "\(module)")
        }
    }

    @Test func `operations have a place in the README`() throws {
        let file = Data(try Readme.text(of: "openapi/openapi.json").utf8)
        let document = try #require(JSONSerialization.jsonObject(with: file) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let readme = try Readme.text(of: "README.md")
        for (path, item) in paths {
            for method in ["get", "post"] where item[method] != nil {
                let operation = "`\(method.uppercased()) \(path)`"
                let isThere = readme.contains(operation) || method == "get" && readme.contains("`\(path)`")
                #expect(isThere, "\(operation)")
            }
        }
    }

    @Test func `commands have a row in the README`() throws {
        let readme = try Readme.text(of: "README.md")
        let section = try #require(readme.components(separatedBy: "\n## Command line\n").last)
        let commands = try Self.commands([])
        #expect(commands.count > 7)
        for command in commands {
            let isThere = section.contains("`heartbeat-facade \(command)")
            #expect(isThere, "\(command)")
            for nested in try Self.commands([command]) {
                let isThere = ["\(command) \(nested)", "\(command) [\(nested)]"].contains(where: section.contains)
                #expect(isThere, "\(command) \(nested)")
            }
        }
    }

    /// Those below a command, but for the one that lists them and the one that needs no name.
    private static func commands(_ command: [String]) throws -> [String] {
        let help = try runFacade(command + ["--help"]).standardOutput
        guard let list = help.components(separatedBy: "SUBCOMMANDS:\n").dropFirst().first else { return [] }
        return list.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            .filter { !$0.contains("(default)") && $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }
}
