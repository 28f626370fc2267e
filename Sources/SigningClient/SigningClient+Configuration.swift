public import AWSConfiguration

extension SigningClient {
    public struct Configuration: Sendable {
        public var endpoint: Endpoint
        public var region: String
        /// The name that the service signs with, `swf` for example.
        public var signingName: String
        public var userAgent: String
        /// Of one loop. Calls beyond it wait, within their deadlines.
        public var connectionsMax = 256
        public var trust = Trust.system
        /// Name resolution, TCP and TLS together.
        public var connectTimeout = Duration.seconds(1)
        /// For an answer, from when the attempt begins; nil: the call's deadline is all.
        public var attemptTimeout: Duration?
        /// 1 for no retries.
        public var attemptsMax = 3
        /// Whether throttling slows all calls down: the SDKs' adaptive retry mode.
        public var isAdaptive = false
        /// Whether requests are signed at all.
        public var signs = true

        public static let userAgentDefault = "heartbeat-facade-SigningClient"

        public init(endpoint: Endpoint, region: String, signingName: String, userAgent: String) {
            self.endpoint = endpoint
            self.region = region
            self.signingName = signingName
            self.userAgent = userAgent
        }
    }
}
