package import EventLoop
internal import LibCrypto
internal import SigV4

/// Calls one AWS service in one region: signs, sends, waits. Its connections are reused from call to call.
///
/// One a loop; the credentials are the process's. For use on its loop only.
///
/// libcurl itself asks the environment for proxies: `HTTPS_PROXY` and `NO_PROXY` as the AWS SDKs do, in small letters
/// too, and `ALL_PROXY`; for an endpoint in the clear only `http_proxy` in small letters, since the other can come from
/// a request's `Proxy` header in a CGI program.
package final class SigningClient {
    package struct Configuration: Sendable {
        package var endpoint: Endpoint
        package var region: String
        /// The name that the service signs with, `swf` for example.
        package var signingName: String
        package var userAgent: String
        /// Of one loop. Calls beyond it wait, within their deadlines.
        package var connectionsMax = 256

        package init(endpoint: Endpoint, region: String, signingName: String, userAgent: String) {
            self.endpoint = endpoint
            self.region = region
            self.signingName = signingName
            self.userAgent = userAgent
        }
    }

    private let configuration: Configuration
    private let provider: any CredentialsProvider
    private let curl: CurlMulti
    private var signer: Signer

    package init(_ configuration: Configuration, credentials: any CredentialsProvider, on loop: EventLoop) {
        self.configuration = configuration
        provider = credentials
        curl = CurlMulti(on: loop, connectionsMax: configuration.connectionsMax)
        signer = Signer(
            region: configuration.region, service: configuration.signingName,
            hash: HashFunctions(
                sha256: { SHA256.hash($0) },
                hmacSHA256: { key in
                    let hmac = HMACSHA256(key: key)
                    return { hmac.authenticate($0) }
                }))
    }

    /// Makes one call of the AWS JSON 1.0 protocol.
    /// - Parameter target: the `X-Amz-Target`.
    /// - Returns: the answer or why there is none, and how many times the call was sent.
    package func call(
        target: String, body: [UInt8], deadline: ContinuousClock.Instant
    ) async -> (result: Result<Answer, CallFailure>, attempts: Int) {
        let credentials: Credentials
        do throws(CredentialsFault) {
            credentials = try await provider.credentials(deadline: deadline)
        } catch {
            return (.failure(.credentialsUnavailable(error.description)), 0)
        }
        guard deadline > .now else { return (.failure(.timeout), 0) }
        let request = signed(target: target, body: body, with: credentials)
        return (await curl.send(request, deadline: deadline), 1)
    }

    private func signed(target: String, body: [UInt8], with credentials: Credentials) -> WireRequest {
        var headers = [
            (name: "Host", value: configuration.endpoint.host),
            (name: "X-Amz-Target", value: target),
            (name: "Content-Type", value: "application/x-amz-json-1.0"),
        ]
        let request = SignableRequest(method: "POST", path: "/", headers: headers, body: body)
        let now = Timestamp(epochSeconds: wallClockMicroseconds() / 1_000_000)
        headers += signer.sign(request, with: credentials, at: now)
        headers.append((name: "User-Agent", value: configuration.userAgent))
        return WireRequest(url: configuration.endpoint.url, headers: headers, body: body)
    }
}
