import SigningClient
import Testing
import TestSupport

/// The same environments for botocore and for us.
struct BotocoreCredentialsTests {
    @Test func `finds what botocore finds, where botocore finds it`() throws {
        let stub = try AWSStub.start()
        let environments = CredentialEnvironment.all
        var homes: [TemporaryDirectory] = []
        let layOut: () throws -> [LaidOutEnvironment] = {
            try environments.map { environment in
                let home = try TemporaryDirectory()
                homes.append(home)
                return try LaidOutEnvironment(environment, home: home.path, url: stub.url)
            }
        }
        let theirs = try BotocoreOutcome.all(layOut())
        try #require(theirs.count == environments.count)
        for ((environment, laidOut), their) in zip(zip(environments, try layOut()), theirs) {
            Self.compare(environment, try laidOut.load(), their)
        }
        #expect(Set(environments.map(\.name)).count == environments.count)
        #expect(environments.count >= 40)
    }

    private static func compare(_ environment: CredentialEnvironment, _ our: Outcome, _ their: BotocoreOutcome) {
        let name = environment.name
        switch environment.expectation {
        case .found(let source):
            #expect(their.kind == .found && our.kind == .found, "\(name): \(our), botocore: \(their)")
            #expect(our.source == source && their.source == source, "\(name): \(our), botocore: \(their)")
            #expect(our.keyID == their.keyID, "\(name)")
            #expect(our.secret == their.secret, "\(name)")
            #expect(our.token == their.token, "\(name)")
            #expect(our.expiration == their.expiration, "\(name)")
        case .none:
            #expect(their.kind == .none && our.kind == .none, "\(name): \(our), botocore: \(their)")
        case .fails(let kind):
            #expect(our.fault?.kind == kind, "\(name): \(our)")
            #expect(their.kind == .failed && their.kinds.contains(kind), "\(name): \(our), botocore: \(their)")
        case .differs(let ours, let botocore, _):
            #expect(our.kind == ours && their.kind == botocore, "\(name): \(our), botocore: \(their)")
        }
    }
}
