internal import AWSConfiguration
internal import EventLoop
internal import SigV4

/// A profile's `credential_process`: a program that writes credentials as JSON.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
///
/// No shell takes part. What it writes on its standard error is kept nowhere: it may be secret.
final class ProcessSource: CredentialSource {
    static let name = "custom-process"

    static let timeMax = Duration.seconds(60)
    private static let outputBytesMax = 65_536

    private let settings: CredentialsSettings
    private let command: String?

    init(_ settings: CredentialsSettings, profile: String) {
        self.settings = settings
        command = settings.shared.profile(profile)?["credential_process"]
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let command else { return nil }
        guard let words = ShellWords.split(command), let program = words.first else {
            throw fault(.configuration, "the command is empty, or a quotation in it has no end")
        }
        let latest = min(deadline, .now + Self.timeMax)
        let run = await runBlocking(named: "credentials") { [environment = settings.environment] in
            Result { () throws(CommandFault) in
                try outputOfCommand(
                    words, environment: environment, bytesMax: Self.outputBytesMax, deadline: latest)
            }
        }
        switch run {
        case .success(let output): return try read(output)
        case .failure(.notStarted(let error)): throw fault(.configuration, "\(program) cannot be started: \(error)")
        case .failure(.exit(let code)): throw fault(.unavailable, "\(program) ended with exit code \(code)")
        case .failure(.signal(let number)): throw fault(.unavailable, "\(program) was ended by signal \(number)")
        case .failure(.tooLong): throw fault(.unavailable, "\(program) wrote more than \(Self.outputBytesMax) bytes")
        case .failure(.overdue): throw fault(.unavailable, "\(program) did not end in time")
        }
    }

    private func read(_ output: [UInt8]) throws(CredentialsFault) -> SourcedCredentials {
        guard let object = JSONObject(output) else { throw fault(.unavailable, "it wrote no JSON object") }
        guard object.integer("Version") == 1 else {
            throw fault(.unavailable, "it wrote no Version 1, which is the only one there is")
        }
        guard let keyID = object.string("AccessKeyId"), let secret = object.string("SecretAccessKey") else {
            throw fault(.unavailable, "it wrote no AccessKeyId or no SecretAccessKey")
        }
        var expiration: Int64?
        if object.has("Expiration"), !object.isNull("Expiration") {
            expiration = object.string("Expiration").flatMap(ISO8601.epochSeconds)
            if expiration == nil { throw fault(.unavailable, "it wrote an Expiration that is no ISO 8601 time") }
        }
        return SourcedCredentials(
            credentials: Credentials(
                accessKeyID: keyID, secretAccessKey: secret, sessionToken: object.string("SessionToken")),
            expiration: expiration, source: Self.name)
    }

    private func fault(_ kind: CredentialsFault.Kind, _ reason: String) -> CredentialsFault {
        CredentialsFault(kind, source: Self.name, reason)
    }
}
