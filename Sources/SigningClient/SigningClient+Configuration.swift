package import AWSConfiguration

extension SigningClient {
    package struct Configuration: Sendable {
        package var endpoint: Endpoint
        package var region: String
        /// The name that the service signs with, `swf` for example.
        package var signingName: String
        package var userAgent: String
        /// Of one loop. Calls beyond it wait, within their deadlines.
        package var connectionsMax = 256
        package var trust = Trust.system
        /// Name resolution, TCP and TLS together.
        package var connectTimeout = Duration.seconds(1)
        /// For an answer, from when the attempt begins; nil: the call's deadline is all.
        package var attemptTimeout: Duration?
        /// 1 for no retries.
        package var attemptsMax = 3
        /// Whether requests are signed at all.
        package var signs = true

        package init(endpoint: Endpoint, region: String, signingName: String, userAgent: String) {
            self.endpoint = endpoint
            self.region = region
            self.signingName = signingName
            self.userAgent = userAgent
        }
    }
}
