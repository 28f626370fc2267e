import AWSConfiguration
import ArgumentParser
import EventLoop
import Heartbeat
import HTTP
import JSON
import SWF
import SigningClient

struct RecordFacadeOptions: ParsableArguments {
    @Option(help: "A facade's address, such as https://heartbeat.example.com: send through it instead.")
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The facade's API key.",
            discussion: """
                Other users of this machine can see it while the command runs: rather set HEARTBEAT_API_KEY, or use \
                --key-file or HEARTBEAT_API_KEY_FILE. The first of these four that is given counts: --key, --key-file, \
                HEARTBEAT_API_KEY, HEARTBEAT_API_KEY_FILE.
                """))
    var key: String?

    @Option(help: "A file with the facade's API key.")
    var keyFile: String?

    private static let keyBytesMax = 4096

    /// - Returns: nil where the heartbeat goes straight to SWF.
    func target(_ environment: [String: String]) throws -> RecordFacadeTarget? {
        guard let url else {
            if key != nil || keyFile != nil { throw ValidationError("--key and --key-file are for --url: add it.") }
            return nil
        }
        guard let target = RecordFacadeTarget(url: url, key: try foundKey(environment)) else {
            throw ValidationError("--url takes http:// or https://, a host, and perhaps a port and a path.")
        }
        return target
    }

    private func foundKey(_ environment: [String: String]) throws -> String {
        if key != nil && keyFile != nil { throw ValidationError("--key and --key-file are both given: leave one out.") }
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let key = try key ?? keyFile.map(readKey) ?? variable("HEARTBEAT_API_KEY")
            ?? variable("HEARTBEAT_API_KEY_FILE").map(readKey)
        {
            guard !key.isEmpty, key.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw ValidationError("The API key has white space or another character that no key has, or is empty.")
            }
            return key
        }
        throw ValidationError("The facade's API key is missing: give --key-file, or set HEARTBEAT_API_KEY.")
    }

    private func readKey(_ path: String) throws -> String {
        do {
            var bytes = try readFile(at: path, bytesMax: Self.keyBytesMax)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            throw ValidationError("The API key's file: \(error).")
        }
    }
}

/// Where a facade takes heartbeats, and the key that it takes them for.
struct RecordFacadeTarget: Sendable {
    let url: String
    let key: String

    /// - Returns: nil where it is no such address, or has a user, a query or a fragment.
    init?(url text: String, key: String) {
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        guard let scheme, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 && !"?#@\\\"<>".utf8.contains($0) }) else {
            return nil
        }
        let base = text.hasSuffix("/") ? String(text.dropLast()) : text
        // Beyond the scheme its host and port are the endpoint's kind; a path is for a proxy that has more than one.
        let authority = base.dropFirst(scheme.count).prefix { $0 != "/" }
        guard Endpoint(url: scheme + authority) != nil else { return nil }
        url = base + "/tasks/heartbeat"
        self.key = key
    }
}

extension Record {
    static func send(
        _ input: RecordInput, through facade: RecordFacadeTarget, _ connection: RecordConnection, on loop: EventLoop
    ) async -> Result<Bool, RecordFailure> {
        var redaction = Redaction()
        redaction.hide(input.taskToken.secret, as: "task token")
        redaction.hide(facade.key, as: "API key")
        let trace = connection.isTraced ? RecordTrace(redaction) : nil
        let begin = ContinuousClock.now
        // The facade's body has the very members of SWF's.
        let body = RecordActivityTaskHeartbeat(taskToken: input.taskToken.secret, details: input.details).body
        let headers = [
            (name: "Authorization", value: "Bearer \(facade.key)"), (name: "Content-Type", value: "application/json"),
            (name: "User-Agent", value: "\(Release.name)/\(Release.version)"),
        ]
        trace?.request(to: facade.url, headers: headers, body: body)
        let result = await PlainClient(on: loop, trust: connection.trust ?? .system).post(
            facade.url, headers: headers, body: body, connectTimeout: connection.connectTimeout,
            deadline: begin + connection.timeout)
        trace?.attempt(1, answer: try? result.get(), failure: result.failure, after: .now - begin)
        let text: String
        switch result {
        case .success(let answer):
            if answer.status == 200, let output = RecordActivityTaskHeartbeat.output(of: answer.body) {
                return .success(output.cancelRequested)
            }
            text = FacadeProblem(answer).text(url: facade.url)
        case .failure(.timeout): text = "\(facade.url) has not answered in time."
        case .failure(.unreachable(let reason)), .failure(.untrusted(let reason)):
            text = "No answer from \(facade.url): \(reason)"
        case .failure: text = "The answer from \(facade.url) is too large to be a facade's."
        }
        return .failure(RecordFailure(text: redaction.applied(to: text)))
    }
}

/// A facade's refusal (RFC 9457), or whatever else came instead of an answer.
private struct FacadeProblem {
    private let answer: Answer
    private let members: [JSONMember]

    init(_ answer: Answer) {
        self.answer = answer
        members = (try? JSON.members(of: answer.body)) ?? []
    }

    func text(url: String) -> String {
        if answer.status == 200 {
            return "The answer from \(url) is not a facade's: it has no boolean cancelRequested."
        }
        let name = string("code") ?? String(answer.status)
        let what = string("detail") ?? string("title") ?? reasonPhrase(answer.status)
        var remarks: [String] = []
        if let seconds = answer.headers["retry-after"].flatMap({ UInt32($0) }) {
            remarks.append("try again after \(seconds) s")
        }
        if let id = string("requestId") ?? answer.headers["x-request-id"] { remarks.append("request \(id)") }
        let end = remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))"
        return "An error occurred (\(name)) when calling \(url): \(what)\(end)"
    }

    private func string(_ name: String) -> String? {
        guard case .string(let text)? = members.first(where: { $0.name == name })?.value else { return nil }
        return text
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
