internal import EventLoop
internal import SigningClient

/// Where an issuer's keys are from. For use on its loop only.
protocol KeySetSource: Sendable {
    /// - Returns: the keys, and how long they are good for.
    func load(deadline: ContinuousClock.Instant) async throws(KeySetFault) -> (KeySet, lifetime: Duration)
}

/// A file, which is read again when it changes.
struct KeySetFile: KeySetSource {
    /// How often it is looked at.
    static let interval = Duration.seconds(5)

    let path: String

    func load(deadline: ContinuousClock.Instant) async throws(KeySetFault) -> (KeySet, lifetime: Duration) {
        let path = path
        let set = await runBlocking(named: "jwks") {
            Result { () throws(KeySetFault) in try Self.read(path) }
        }
        return (try set.get(), Self.interval)
    }

    /// Blocking.
    static func read(_ path: String) throws(KeySetFault) -> KeySet {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try readFile(at: path, bytesMax: KeySet.bytesMax)
        } catch {
            throw KeySetFault("cannot be read: \(error)")
        }
        return try KeySet(bytes)
    }
}

/// The issuer's own server.
struct KeySetServer: KeySetSource {
    /// What `Cache-Control` may ask for.
    static let lifetimes = Duration.seconds(60)...Duration.seconds(86_400)
    /// Where it asks for nothing.
    static let lifetimeDefault = Duration.seconds(600)
    static let connectTimeout = Duration.seconds(3)
    private static let discoveryPath = "/.well-known/openid-configuration"

    enum Address: Sendable, Equatable {
        case keys(KeyServerURL)
        /// Of the issuer, whose OpenID Connect configuration names the keys' address.
        case issuer(KeyServerURL)
    }

    let address: Address
    let loop: EventLoop

    func load(deadline: ContinuousClock.Instant) async throws(KeySetFault) -> (KeySet, lifetime: Duration) {
        // A client of its own each time: the next fetch is minutes away, and no connection is kept that long.
        let client = PlainClient(on: loop)
        let url =
            switch address {
            case .keys(let url): url
            case .issuer(let issuer): try await discover(issuer, client, deadline)
            }
        let answer = try await get(url.text, client, deadline)
        do throws(KeySetFault) {
            return (try KeySet(answer.body), Self.lifetime(answer.headers["cache-control"]))
        } catch {
            throw KeySetFault("\(url.text) \(error)")
        }
    }

    /// OpenID Connect Discovery 1.0 §4.
    private func discover(
        _ issuer: KeyServerURL, _ client: PlainClient, _ deadline: ContinuousClock.Instant
    ) async throws(KeySetFault) -> KeyServerURL {
        let base = issuer.text.hasSuffix("/") ? String(issuer.text.dropLast()) : issuer.text
        let url = base + Self.discoveryPath
        let answer = try await get(url, client, deadline)
        guard let document = JSONMembers(answer.body) else { throw KeySetFault("\(url) is not valid JSON") }
        // A document about another issuer would have that one's keys believed (§4.3).
        guard document.string("issuer")?.isSame(as: issuer.text) == true else {
            throw KeySetFault("\(url) is about another issuer")
        }
        guard let keys = document.string("jwks_uri").flatMap(KeyServerURL.init), keys.isHTTPS || !issuer.isHTTPS
        else { throw KeySetFault("\(url) has no jwks_uri that is an https URL") }
        return keys
    }

    private func get(
        _ url: String, _ client: PlainClient, _ deadline: ContinuousClock.Instant
    ) async throws(KeySetFault) -> Answer {
        let result = await client.get(
            url, headers: [("Accept", "application/json")], answerBytesMax: KeySet.bytesMax,
            connectTimeout: Self.connectTimeout, deadline: deadline)
        switch result {
        case .success(let answer) where answer.status == 200: return answer
        case .success(let answer): throw KeySetFault("\(url) answered \(answer.status)")
        case .failure(.timeout): throw KeySetFault("\(url) did not answer in time")
        case .failure(.answerTooLarge): throw KeySetFault("\(url) is longer than \(KeySet.bytesMax) bytes")
        case .failure(.unreachable(let reason)), .failure(.untrusted(let reason)):
            throw KeySetFault("\(url) cannot be reached: \(reason)")
        case .failure: throw KeySetFault("\(url) cannot be reached")
        }
    }

    /// RFC 9111 §5.2.2.1.
    static func lifetime(_ cacheControl: String?) -> Duration {
        for directive in (cacheControl ?? "").lowercased().split(whereSeparator: { $0 == "," || $0 == " " }) {
            let parts = directive.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0] == "max-age" else { continue }
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { break }
            let seconds = Duration.seconds(Int64(parts[1]) ?? .max)
            return min(max(seconds, lifetimes.lowerBound), lifetimes.upperBound)
        }
        return lifetimeDefault
    }
}
