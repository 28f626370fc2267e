internal import EventLoop
internal import JSON

/// What sources of credentials work with. For use on its loop only.
final class SourceContext {
    /// Of a token, or of a file that holds one.
    static let fileBytesMax = 65_536
    private static let connectionsMax = 4

    let settings: CredentialsSettings
    let loop: EventLoop
    private let curl: CurlMulti

    init(_ settings: CredentialsSettings, on loop: EventLoop) {
        self.settings = settings
        self.loop = loop
        curl = CurlMulti(on: loop, connectionsMax: Self.connectionsMax, trust: settings.trust)
    }

    /// Seconds since 1970.
    var now: Int64 { wallClockMicroseconds() / 1_000_000 }

    /// How often a request is sent, and for how long each time.
    struct Persistence {
        var attempts: Int
        /// Of one attempt.
        var timeout: Duration
        /// - Parameter attempt: the one that failed, from 1 on.
        var pause: (_ attempt: Int) -> Duration = { _ in .zero }
    }

    /// - Parameter isFinal: whether an answer is to be taken as it is; else there is another attempt, if one is left.
    func send(
        _ request: WireRequest, _ persistence: Persistence, deadline: ContinuousClock.Instant,
        isFinal: (Answer) -> Bool
    ) async -> Result<Answer, CallFailure> {
        var request = request
        request.connectTimeout = min(request.connectTimeout, persistence.timeout)
        var attempt = 1
        while true {
            let result = await curl.send(request, deadline: min(deadline, .now + persistence.timeout))
            if case .success(let answer) = result, isFinal(answer) { return result }
            let pause = persistence.pause(attempt)
            guard attempt < persistence.attempts, .now + pause < deadline else { return result }
            if pause > .zero { await loop.pause(for: pause) }
            attempt += 1
        }
    }

    /// - Throws: a fault of `source` about the file that is called `what`.
    func file(at path: String, _ what: String, for source: String) async throws(CredentialsFault) -> String {
        let path = settings.expanded(path)
        let read = await runBlocking(named: "credentials") {
            Result { () throws(SystemError) in try readFile(at: path, bytesMax: Self.fileBytesMax) }
        }
        switch read {
        case .success(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) { return text }
            throw CredentialsFault(.configuration, source: source, "\(what) \(path) is no UTF-8 text")
        case .failure(let error):
            throw CredentialsFault(.configuration, source: source, "cannot read \(what): \(error)")
        }
    }
}

/// The members of a JSON object, by their names.
struct JSONObject {
    private let members: [String: JSONValue]

    /// nil where the text is no JSON object.
    init?(_ bytes: [UInt8]) {
        guard let list = try? JSON.members(of: bytes) else { return nil }
        members = Dictionary(list.map { ($0.name, $0.value) }) { first, _ in first }
    }

    func string(_ name: String) -> String? {
        if case .string(let text)? = members[name] { text } else { nil }
    }

    func integer(_ name: String) -> Int64? {
        if case .other(let text)? = members[name] { Int64(text) } else { nil }
    }

    func object(_ name: String) -> JSONObject? {
        if case .other(let text)? = members[name] { JSONObject(Array(text.utf8)) } else { nil }
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    func isNull(_ name: String) -> Bool { members[name] == .null }
}
