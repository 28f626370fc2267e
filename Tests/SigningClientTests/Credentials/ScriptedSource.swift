import EventLoop
import SigV4
import SigningClient
import Synchronization
import TestSupport

/// A source that does what a test tells it, and counts.
final class ScriptedSource: CredentialSource {
    typealias Script = @Sendable (_ load: Int) async throws(CredentialsFault) -> SourcedCredentials?

    private let script: Script
    private let loads: LoadCount

    init(_ loads: LoadCount, _ script: @escaping Script) {
        self.loads = loads
        self.script = script
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        try await script(loads.next())
    }
}

final class LoadCount: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }

    var value: Int { count.withLock { $0 } }
}

extension SourcedCredentials {
    /// - Parameter until: milliseconds since 1970.
    static func numbered(_ number: Int, until: Int64? = nil) -> SourcedCredentials {
        SourcedCredentials(
            credentials: Credentials(accessKeyID: "AKIA\(number)", secretAccessKey: "hush", sessionToken: "hush"),
            expiration: until.map { $0 / 1000 }, source: "scripted")
    }
}

extension CredentialsKeeper {
    /// The key's ID, or the fault's kind.
    nonisolated func keyID(within: Duration = .seconds(30)) async -> String {
        do throws(CredentialsFault) {
            return try await credentials(deadline: .now + within).accessKeyID
        } catch {
            return "\(error.kind)"
        }
    }

    nonisolated func keyID(after refused: Credentials, within: Duration = .seconds(30)) async -> String {
        do throws(CredentialsFault) {
            return try await refreshed(after: refused, deadline: .now + within).accessKeyID
        } catch {
            return "\(error.kind)"
        }
    }
}
