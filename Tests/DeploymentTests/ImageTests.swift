import Foundation
import TestSupport
import Testing

struct ImageTests {
    private let dockerfile: String

    init() throws {
        dockerfile = try Deployment.text("\(Deployment.directory)/Dockerfile")
    }

    /// The instructions of a stage, up to the next one.
    private func stage(_ name: String) throws -> [String] {
        let parts = dockerfile.components(separatedBy: " AS \(name)\n")
        try #require(parts.count == 2)
        return parts[1].components(separatedBy: "\nFROM ")[0].split(separator: "\n").map(String.init)
    }

    @Test func `its version is the service's`() throws {
        let version = try runFacade(["version"]).standardOutput.split(separator: " ").last ?? ""
        for name in ["slim", "debian"] {
            #expect(try stage(name).contains("ARG VERSION=\(version.trimmingCharacters(in: .newlines))"))
        }
    }

    /// One cannot be made from the other, so they say it twice.
    @Test func `both images run the service in the same way`() throws {
        let (slim, debian) = (try stage("slim"), try stage("debian"))
        let instructions = ["USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"]
        for instruction in instructions {
            let lines = debian.filter { $0.hasPrefix("\(instruction) ") }
            #expect(lines.count == 1, "\(instruction)")
            #expect(slim.filter { $0.hasPrefix("\(instruction) ") } == lines)
        }
        #expect(debian.contains("USER 10001:10001"))
        #expect(dockerfile.hasSuffix(debian.joined(separator: "\n") + "\n"), "the one by default")
    }

    @Test func `packages have exact versions`() throws {
        let manifest = try Deployment.text("\(Locations.packageRoot)/Package.swift")
        let packages = manifest.matches(of: /\.package\(url: .*/).map { String($0.0) }
        #expect(!packages.isEmpty)
        #expect(packages.allSatisfy { $0.contains("exact: \"") })
    }

    @Test func `what differs from build to build is blanked, and the executable runs`() throws {
        let directory = try TemporaryDirectory()
        let copy = directory.file("executable")
        try FileManager.default.copyItem(atPath: Locations.product("heartbeat-facade"), toPath: copy)
        #expect(try !Self.digitsOfModules(in: copy).isEmpty)
        let output = try ChildProcess.run("\(Deployment.directory)/reproducible", [copy])
        #expect(output.exit == .exited(0), "\(output.standardError)")
        #expect(try Self.digitsOfModules(in: copy).isEmpty)
        #expect(try ChildProcess.run(copy, ["version"]).exit == .exited(0))
    }

    /// Those of the hashes of modules that are not 0.
    private static func digitsOfModules(in executable: String) throws -> Set<Character> {
        let output = try ChildProcess.run("readelf", ["--hex-dump=.swift_modhash", executable])
        let lines = output.standardOutput.split(separator: "\n").filter { $0.hasPrefix("  0x") }
        #expect(!lines.isEmpty)
        // An address, and up to four words, before the same as text.
        return Set(lines.flatMap { $0.prefix(48).split(separator: " ").dropFirst().joined() }).subtracting(["0"])
    }

    /// Of the packages on this machine.
    @Test func `the list of components is a CycloneDX document that names them all`() throws {
        let directory = try TemporaryDirectory()
        let swift = try directory.write("Swift version 6.3.1 (swift-6.3.1-RELEASE)\n", to: "swift-version")
        let names = try directory.write("libcurl4\nlibpq5\nlibssl3\nlibstdc++6\n", to: "names")
        let output = try ChildProcess.run(
            "bash",
            [
                "-c", "\"$0\" \"$@\" <'\(names)'", "\(Deployment.directory)/sbom",
                Locations.product("heartbeat-facade"), "\(Locations.packageRoot)/Package.resolved", swift,
            ])
        #expect(output.exit == .exited(0), "\(output.standardError)")
        let file = try directory.write(output.standardOutput, to: "components.json")
        #expect(try Deployment.ask("documents.py", ["components", file]) == [])

        let components = try #require(Deployment.json(file)["components"] as? [[String: Any]])
        let urls = components.compactMap { $0["purl"] as? String }
        let manifest = try Deployment.text("\(Locations.packageRoot)/Package.swift")
        for package in manifest.matches(of: /\.package\(url: "https:\/\/([^"]*)", exact: "([^"]*)"\)/) {
            #expect(urls.contains("pkg:swift/\(package.1)@\(package.2)"))
        }
        #expect(urls.contains("pkg:generic/swift@6.3.1"))
        #expect(urls.contains { $0.hasPrefix("pkg:deb/debian/libstdc%2B%2B6@") && $0.hasSuffix("&upstream=gcc-12") })
        #expect(components.count == urls.count + 1, "the system alone has no package URL")
    }

    @Test func `a package that is not there is no component`() throws {
        let directory = try TemporaryDirectory()
        let swift = try directory.write("Swift version 6.3.1\n", to: "swift-version")
        let output = try ChildProcess.run(
            "bash",
            [
                "-c", "echo no-such-package | \"$0\" \"$@\"", "\(Deployment.directory)/sbom",
                Locations.product("heartbeat-facade"), "\(Locations.packageRoot)/Package.resolved", swift,
            ])
        #expect(output.exit != .exited(0))
        #expect(output.standardOutput.isEmpty)
    }
}
