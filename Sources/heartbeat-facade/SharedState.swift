import Authentication
import EventLoop
import HTTPServer
import SigningClient
import Synchronization

/// What all loops have in common: never changed once the service runs, but for the drain.
final class SharedState: Sendable {
    let configuration: Configuration
    let log: ServiceLog
    let instance = hostName()
    let authenticator: APIKeyAuthenticator
    let credentials: StaticCredentials
    let upstream = SigningClient.Shared()
    /// Of the API's listener.
    let admission: Admission
    private let draining = Atomic(false)

    init(_ configuration: Configuration, log: ServiceLog) {
        self.configuration = configuration
        self.log = log
        admission = Admission(configuration.admission)
        authenticator = APIKeyAuthenticator(keys: configuration.apiKeys)
        credentials = StaticCredentials(configuration.credentials)
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func beginDraining() {
        draining.store(true, ordering: .relaxed)
    }
}
