public import AWSConfiguration
internal import EventLoop

/// What the environment's variables and the AWS shared files say of how to call a service, read once.
/// https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
public struct AWSEnvironment: Sendable {
    /// Everything that is wrong, a sentence each.
    public struct Faults: Error, Sendable, CustomStringConvertible {
        public let sentences: [String]

        public var description: String { sentences.joined(separator: " ") }
    }

    package let variables: [String: String]
    package let shared: SharedConfiguration
    /// What the command line says; it wins.
    package let explicit: ClientSettings.Explicit

    /// - Parameters:
    ///   - variables: the process's environment, for example.
    ///   - profile: instead of `AWS_PROFILE`. It puts keys in the environment out of use.
    /// - Throws: where a shared file cannot be read.
    public init(_ variables: [String: String], profile: String? = nil) throws(Faults) {
        try self.init(variables, explicit: ClientSettings.Explicit(profile: profile))
    }

    package init(_ variables: [String: String], explicit: ClientSettings.Explicit) throws(Faults) {
        self.variables = variables
        self.explicit = explicit
        let paths = SharedConfiguration.paths(environment: variables)
        do {
            shared = try SharedConfiguration(
                config: Self.text(at: paths.config), credentials: Self.text(at: paths.credentials))
        } catch {
            throw Faults(sentences: ["\(error)"])
        }
    }

    /// - Returns: nil where there is no such file.
    private static func text(at path: String?) throws -> String? {
        guard let path else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try readFile(at: path, bytesMax: SharedConfiguration.fileBytesMax)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Faults(sentences: ["\(path) is not in UTF-8."])
        }
        return text
    }

    /// How to call a service.
    /// - Throws: everything that is wrong or missing, the region for example.
    public func configuration(for service: AWSService) throws(Faults) -> SigningClient.Configuration {
        let (settings, faults) = ClientSettings.resolve(
            service: service, environment: variables, explicit: explicit, shared: shared)
        guard faults.isEmpty, let endpoint = settings.endpoint, let region = settings.signingRegion else {
            throw Faults(sentences: faults)
        }
        var configuration = SigningClient.Configuration(
            endpoint: endpoint, region: region, signingName: service.signingName,
            userAgent: SigningClient.Configuration.userAgentDefault)
        configuration.attemptsMax = settings.maxAttempts
        configuration.isAdaptive = settings.retryMode == .adaptive
        configuration.trust = settings.trust
        return configuration
    }

    /// The same, with the shared files as they are now; where they cannot be read, as they were.
    func readAgain() -> AWSEnvironment {
        (try? AWSEnvironment(variables, explicit: explicit)) ?? self
    }

    /// Where credentials are to be looked for.
    package var credentials: CredentialsSettings {
        let (settings, _) = ClientSettings.resolve(
            service: .sts, environment: variables, explicit: explicit, shared: shared)
        return CredentialsSettings(
            environment: variables, shared: shared, explicitProfile: explicit.profile, region: settings.region,
            trust: settings.trust)
    }
}

extension ClientSettings {
    fileprivate var trust: Trust { caBundle.map { .bundle(path: $0) } ?? .system }
}
