import TestSupport
import Testing

/// Every block of the pages is tried, or there is a reason why not.
struct ReadmeBlocksTests {
    private enum Trial {
        /// By the tests in these files.
        case run([String])
        /// Because.
        case not(String)
    }

    /// By page, heading and language, and how many there are.
    private static let trials: [String: (count: Int, Trial)] = [
        "README.md ## Quickstart sh": (2, .run(["ServiceTests/QuickstartTests"])),
        "README.md ## Why a facade text": (1, .not("a picture")),
        "README.md ### API keys sh": (1, .run(["ServiceTests/ReadmeTests"])),
        "README.md ### JSON Web Tokens sh": (2, .run(["ServiceTests/ReadmeTests"])),
        "README.md ### Client certificates sh": (2, .run(["ServiceTests/ReadmeTests"])),
        "README.md ## Errors json": (1, .run(["ServiceTests/ReadmeClientTests"])),
        "README.md ## Configuration sh": (1, .run(["ServiceTests/ReadmeClientTests"])),
        "README.md ### The audit table sql": (2, .run(["TestSupport/AuditDatabase", "ServiceTests/QuickstartTests"])),
        "README.md ## Security json": (1, .run(["ServiceTests/ReadmeClientTests"])),
        "README.md ### Kubernetes sh": (1, .run(["DeploymentTests/KubernetesCommandTests"])),
        "README.md ## Clients python": (2, .run(["ServiceTests/ReadmeClientTests"])),
        "README.md ### Swift swift": (1, .run(["LibraryTests/ExampleTests"])),
        "CONTRIBUTING.md # Contributing sh": (1, .not("they build, and run these tests")),
        "SECURITY.md ## For secret scanners regex": (1, .run(["ServiceTests/ReadmeClientTests"])),
        "docker/PROXIES.md # Behind a proxy nginx": (1, .run(["ProxyTests/ProxyTests"])),
        "docker/PROXIES.md # Behind a proxy haproxy": (1, .run(["ProxyTests/ProxyTests"])),
        "docker/SCALING.md ## One replica for each task nginx": (1, .run(["ProxyTests/HashingTests"])),
        "docker/SCALING.md ## One replica for each task haproxy": (1, .run(["ProxyTests/HashingTests"])),
        "docker/SCALING.md ## One replica for each task yaml": (1, .not("Debian has no Envoy; the page says so")),
    ]

    @Test func `every block is tried, or there is a reason`() throws {
        var found: [String: Int] = [:]
        for page in PagesTests.pages {
            for block in try Readme.blocks(in: page) {
                found["\(page) \(block.heading) \(block.language)", default: 0] += 1
            }
        }
        for block in Set(found.keys).union(Self.trials.keys) {
            #expect(found[block] == Self.trials[block]?.count, "\(block)")
        }
        for (_, trial) in Self.trials.values {
            guard case .run(let files) = trial else { continue }
            for file in files { _ = try Readme.text(of: "Tests/\(file).swift") }
        }
    }
}
