import AWSConfiguration
import ArgumentParser
import EventLoop
import Heartbeat
import SWF
import SigV4
import SigningClient

/// What a heartbeat straight to SWF takes.
struct RecordSettings: Sendable {
    var client: SigningClient.Configuration
    var credentials: CredentialsSettings
}

extension Record {
    /// Longer than any pause between two attempts.
    private static let pauseMax = Duration.seconds(20)

    func settings(_ environment: [String: String], _ connection: RecordConnection) throws -> RecordSettings {
        if let url = aws.endpointUrl, Endpoint(url: url) == nil {
            throw ValidationError(
                "--endpoint-url takes http:// or https://, a host and perhaps a port, without a path.")
        }
        let explicit = ClientSettings.Explicit(
            profile: aws.profile, region: aws.region, endpointURL: aws.endpointUrl)
        do throws(AWSEnvironment.Faults) {
            let environment = try AWSEnvironment(environment, explicit: explicit)
            var client = try environment.configuration(for: .swf)
            client.userAgent = Release.userAgent
            client.trust = connection.trust ?? client.trust
            client.connectTimeout = connection.connectTimeout
            client.attemptTimeout = connection.timeout
            client.signs = !aws.noSignRequest
            var credentials = environment.credentials
            credentials.trust = client.trust
            return RecordSettings(client: client, credentials: credentials)
        } catch {
            for sentence in error.sentences { printDiagnostic("error: \(sentence)") }
            throw ExitCode.badConfiguration
        }
    }

    static func send(
        _ input: RecordInput, with settings: RecordSettings, _ connection: RecordConnection, on loop: EventLoop
    ) async -> Result<Bool, RecordFailure> {
        let deadline = ContinuousClock.now + (connection.timeout + pauseMax) * settings.client.attemptsMax
        var redaction = Redaction()
        redaction.hide(input.taskToken.secret, as: "task token")
        let credentials = CredentialsKeeper(settings.credentials, on: loop)
        if settings.client.signs, let found = try? await credentials.credentials(deadline: deadline) {
            redaction.hide(found.accessKeyID, as: "access key id")
            redaction.hide(found.secretAccessKey, as: "secret access key")
            redaction.hide(found.sessionToken, as: "session token")
        }
        let url = settings.client.endpoint.url
        let trace = connection.isTraced ? RecordTrace(redaction) : nil
        let client = SigningClient(
            settings.client, credentials: credentials,
            shared: SigningClient.Shared(isAdaptive: settings.client.isAdaptive),
            hooks: Hooks(
                willSign: { trace?.request(to: url, headers: $0.headers, body: $0.body) },
                attemptEnded: { trace?.attempt($0) }),
            on: loop)
        let operation = RecordActivityTaskHeartbeat(taskToken: input.taskToken.secret, details: input.details)
        let call = await client.call(operation, deadline: deadline)
        return call.result.map(\.cancelRequested).mapError { failure in
            RecordFailure(
                text: redaction.applied(to: failure.text(url: url, answer: call.answer, attempts: call.attempts)),
                exitCode: failure.isOfCredentials ? .badConfiguration : .failure)
        }
    }
}

extension CallFailure {
    fileprivate var isOfCredentials: Bool {
        if case .credentialsUnavailable = self { true } else { false }
    }
}
