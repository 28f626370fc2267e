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
    var credentials: StaticCredentials
}

extension Record {
    /// Longer than any pause between two attempts.
    private static let pauseMax = Duration.seconds(20)

    func settings(_ environment: [String: String], _ connection: RecordConnection) throws -> RecordSettings {
        if let url = aws.endpointUrl, Endpoint(url: url) == nil {
            throw ValidationError(
                "--endpoint-url takes http:// or https://, a host and perhaps a port, without a path.")
        }
        var environment = environment
        if let region = aws.region { environment["AWS_REGION"] = region }
        if let profile = aws.profile { environment["AWS_PROFILE"] = profile }
        if let url = aws.endpointUrl { environment["AWS_ENDPOINT_URL_SWF"] = url }
        if aws.noSignRequest {
            // They are never used.
            environment["AWS_ACCESS_KEY_ID"] = "none"
            environment["AWS_SECRET_ACCESS_KEY"] = "none"
        }
        let (configuration, faults) = Configuration.readAWSOnly(environment)
        for fault in faults { printDiagnostic("error: \(fault)") }
        if !faults.isEmpty { throw ExitCode.badConfiguration }
        var client = configuration.signingClient
        if let trust = connection.trust { client.trust = trust }
        client.connectTimeout = connection.connectTimeout
        client.attemptTimeout = connection.timeout
        client.signs = !aws.noSignRequest
        if let attempts = environment["AWS_MAX_ATTEMPTS"].flatMap({ Int($0) }), attempts > 0 {
            client.attemptsMax = attempts
        }
        return RecordSettings(client: client, credentials: StaticCredentials(configuration.credentials))
    }

    static func send(
        _ input: RecordInput, with settings: RecordSettings, _ connection: RecordConnection, on loop: EventLoop
    ) async -> Result<Bool, RecordFailure> {
        let deadline = ContinuousClock.now + (connection.timeout + pauseMax) * settings.client.attemptsMax
        var redaction = Redaction()
        redaction.hide(input.taskToken.secret, as: "task token")
        if settings.client.signs, let found = try? await settings.credentials.credentials(deadline: deadline) {
            redaction.hide(found.accessKeyID, as: "access key id")
            redaction.hide(found.secretAccessKey, as: "secret access key")
            redaction.hide(found.sessionToken, as: "session token")
        }
        let url = settings.client.endpoint.url
        let trace = connection.isTraced ? RecordTrace(redaction) : nil
        let client = SigningClient(
            settings.client, credentials: settings.credentials, shared: SigningClient.Shared(),
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
