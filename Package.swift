// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is built with these; the list of dependencies below is the architecture:
/// the compiler refuses an import that is not in it.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Tests may take a force unwrap or a pointer without ceremony; all else holds for them too.
let testing: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], python: [String] = [],
    linkerSettings: [LinkerSetting]? = nil
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: python, swiftSettings: testing,
        linkerSettings: linkerSettings)
}

let package = Package(
    name: "heartbeat-facade",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "heartbeat-facade", targets: ["heartbeat-facade"]),
        .executable(name: "swf-simulator", targets: ["swf-simulator"]),
        .library(name: "SigningClient", targets: ["SigningClient", "AWSConfiguration", "EventLoop", "SigV4"]),
        .library(name: "SWF", targets: ["SWF"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        // C walls
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "COpenAPI"),

        // Pure: bytes and rules
        room("Calendar"),
        room("HTTP", ["Calendar"]),
        room("SigV4", ["Calendar"]),
        room("JSON"),
        room("AWSConfiguration"),
        room("Heartbeat", ["HTTP", "JSON"]),
        room("FlowControl", ["AWSConfiguration", "Heartbeat"]),
        room("OperatorPage", ["Heartbeat", "Telemetry"]),
        room("Telemetry", ["Calendar", "JSON", .product(name: "Logging", package: "swift-log")]),

        // Machine: descriptors, pointers, threads
        room("LibCrypto", ["COpenSSL"]),
        room("EventLoop", ["CLinux"]),
        room("Transport", ["EventLoop", "LibCrypto", "CLinux", "COpenSSL"]),
        room("PostgreSQL", ["EventLoop", "CPostgreSQL"]),
        room("Spool", ["EventLoop", "CLinux"]),

        // Services
        room("HTTPServer", ["HTTP", "Transport", "EventLoop"]),
        room(
            "SigningClient",
            ["AWSConfiguration", "Calendar", "HTTP", "JSON", "SigV4", "EventLoop", "CCurl", "CLinux", "LibCrypto"]),
        room("SWF", ["SigningClient", "Heartbeat", "JSON"]),
        room("Relaying", ["FlowControl", "Heartbeat", "EventLoop"]),
        room(
            "Authentication",
            ["Heartbeat", "HTTP", "JSON", "EventLoop", "PostgreSQL", "SigningClient", "LibCrypto"]),
        room("Audit", ["Calendar", "Heartbeat", "EventLoop", "PostgreSQL", "LibCrypto", "Spool"]),

        // Roots
        .executableTarget(
            name: "heartbeat-facade",
            dependencies: [
                "AWSConfiguration", "Heartbeat", "FlowControl", "Relaying", "HTTP", "HTTPServer", "JSON",
                "EventLoop", "Transport", "SigningClient", "SWF", "Authentication", "Audit", "PostgreSQL", "Spool",
                "Telemetry", "SigV4", "OperatorPage", "LibCrypto",
                "COpenAPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "swf-simulator",
            dependencies: [
                "Heartbeat", "HTTP", "HTTPServer", "EventLoop", "Transport", "SigV4", "LibCrypto",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // Tests
        tests("CalendarTests", ["Calendar"]),
        tests("HTTPTests", ["HTTP"]),
        tests("SigV4Tests", ["SigV4", "LibCrypto"], python: ["botocore_signer.py"]),
        tests("JSONTests", ["JSON"]),
        tests(
            "AWSConfigurationTests", ["AWSConfiguration", "Heartbeat", "TestSupport"],
            python: ["botocore_configuration.py"]),
        tests("HeartbeatTests", ["Heartbeat", "HTTP", "JSON", "TestSupport"]),
        tests("FlowControlTests", ["FlowControl", "Heartbeat", "TestSupport"]),
        tests("RelayingTests", ["Relaying", "FlowControl", "Heartbeat", "EventLoop", "TestSupport"]),
        tests("OperatorPageTests", ["OperatorPage", "Heartbeat", "Telemetry"]),
        tests("TelemetryTests", ["Telemetry", .product(name: "Logging", package: "swift-log")]),
        tests("LibCryptoTests", ["LibCrypto"]),
        tests("EventLoopTests", ["EventLoop", "TestSupport"]),
        tests("TransportTests", ["Transport", "EventLoop", "TestSupport"]),
        tests("HTTPServerTests", ["HTTPServer", "HTTP", "EventLoop", "Transport", "TestSupport"]),
        tests("PostgreSQLTests", ["PostgreSQL", "EventLoop", "TestSupport"]),
        tests("SpoolTests", ["Spool", "EventLoop", "TestSupport"]),
        tests(
            "SigningClientTests",
            ["SigningClient", "AWSConfiguration", "JSON", "SigV4", "EventLoop", "LibCrypto", "TestSupport"],
            python: ["tls_server.py"],
            // The tests' own getaddrinfo is to stand before the system's for libcurl and libpq too.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=getaddrinfo"])]),
        tests(
            "SWFTests",
            ["AWSConfiguration", "SWF", "SigningClient", "SigV4", "Heartbeat", "EventLoop", "TestSupport"],
            python: ["botocore_faults.py", "botocore_requests.py"]),
        tests(
            "AuthenticationTests",
            [
                "Authentication", "Audit", "Heartbeat", "HTTP", "JSON", "EventLoop", "PostgreSQL", "LibCrypto",
                "TestSupport",
            ], python: ["JWT/tokens.py"]),
        tests(
            "AuditTests",
            ["Audit", "Calendar", "Heartbeat", "LibCrypto", "PostgreSQL", "EventLoop", "Spool", "TestSupport"]),
        tests(
            "ServiceTests",
            ["heartbeat-facade", "Authentication", "EventLoop", "Heartbeat", "Telemetry", "TestSupport", "Transport"],
            python: ["browser.py"]),
        tests("LibraryTests", ["AWSConfiguration", "SWF", "SigningClient", "EventLoop", "TestSupport"]),
        tests("ProxyTests", ["EventLoop", "TestSupport"]),
        tests("DatabaseTests", ["EventLoop", "TestSupport"]),
        tests("FaultTests", ["EventLoop", "TestSupport"]),
        tests(
            "ContractTests", ["Heartbeat", "TestSupport"],
            python: ["clients", "examples.py", "schemathesis.toml", "schemathesis_hooks.py"]),
        tests("DeploymentTests", ["TestSupport"], python: ["alerts.yaml", "documents.py", "kubernetes.py"]),
        tests(
            "SimulatorTests",
            [
                "swf-simulator", "Heartbeat", "HTTP", "SigV4", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests("FleetTests", ["Fleet", "SigningClient", "TestSupport"]),
        tests("TidyTests", []),
        tests("FuzzTests", ["FuzzTargets", "HTTP", "Heartbeat", "JSON", "TestSupport"]),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "AWSConfiguration", "HTTP", "Heartbeat", "JSON", "SWF", "SigningClient", "Authentication", "Spool",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: testing),
        .target(
            name: "Fleet",
            dependencies: ["AWSConfiguration", "EventLoop", "SWF", "SigV4", "SigningClient", "TestSupport"],
            path: "Tests/Fleet", exclude: ["boto3_workers.py"], swiftSettings: testing),
        .executableTarget(
            name: "bench",
            dependencies: [
                "AWSConfiguration", "Audit", "Authentication", "EventLoop", "Fleet", "HTTP", "Heartbeat", "LibCrypto",
                "Relaying", "SWF", "SigV4", "SigningClient", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Bench", exclude: ["tokens.py"], swiftSettings: testing),
        tests("TestSupportTests", ["TestSupport"]),
        .target(
            name: "TestSupport", dependencies: ["CLinux", "EventLoop", "Heartbeat", "LibCrypto"],
            path: "Tests/TestSupport",
            swiftSettings: testing),
    ]
)

// libFuzzer brings a `main` of its own, which only links where its sanitizer is on: `make fuzz`.
if Context.environment["HEARTBEAT_FUZZ"] != nil {
    package.products.append(.executable(name: "fuzz", targets: ["fuzz"]))
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver", swiftSettings: testing))
}
