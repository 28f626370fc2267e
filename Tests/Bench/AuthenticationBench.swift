import Authentication
import EventLoop
import Foundation
import HTTP
import Heartbeat
import LibCrypto
import TestSupport

/// From a request's fields to its caller.
@Sendable func benchAuthentication(on loop: EventLoop) async throws {
    try await benchKeys(on: loop)
    try await benchCertificates()
    try await benchTokens(on: loop)
}

private let operations = 200_000
private let keyCount = 1000

private func benchKeys(on loop: EventLoop) async throws {
    let keys = try (0..<2 * keyCount).map { _ in try APIKey.generate() }
    let (fixed, stored) = (keys[..<keyCount], keys[keyCount...])
    let lines = fixed.enumerated().map { "caller-\($0):\($1.sha256Hex)\n" }
    let directory = KeyDirectory()
    let file = try TemporaryDirectory("bench")
    try file.write(keyFile(of: stored), to: "api-keys")
    // The keys of the table as the service knows them from its last process.
    _ = KeyKeeper(directory, conninfo: nil, spoolDirectory: file.path, on: loop)
    guard directory.status.keys == keyCount else { throw BenchError(description: "the keys could not be read") }
    let authenticator = CallerAuthenticator(staticKeys: try StaticKeys(lines.joined()), keys: directory)
    for (name, keys) in [("static key", fixed), ("key of the table", stored)] {
        let requests = keys.map { request("Bearer \($0.secret)") }
        try await measure(name, operations) { number in
            try await expectCaller(of: requests[number % keyCount], by: authenticator)
        }
    }
}

private func benchCertificates() async throws {
    let map = try ClientMap(
        (0..<keyCount).map { "uri:spiffe://example.com/worker/\($0) caller-\($0)\n" }.joined())
    let authenticator = CallerAuthenticator(staticKeys: .none, clients: { map })
    let requests = (0..<keyCount).map { number in
        let plain = request(nil)
        return Request(
            method: plain.method, path: Array(plain.path), fields: plain.fields,
            clientCertificate: ClientCertificate(
                subject: "CN=worker,O=Example", dnsNames: ["worker.example.com"],
                uris: ["spiffe://example.com/worker/\(number)"]))
    }
    try await measure("client certificate", operations) { number in
        try await expectCaller(of: requests[number % keyCount], by: authenticator)
    }
}

/// What the service keeps in its spool directory.
private func keyFile(of keys: ArraySlice<APIKey>) -> String {
    let lines = keys.enumerated().map { number, key in
        "\(key.identifier)\tcaller-\(number)\t\(key.sha256Hex)\t1000000\t\t\theartbeat\t\t\n"
    }
    let content = "heartbeat-facade API keys, version 1\n" + lines.joined()
    return content + lowercaseHex(SHA256.hash(Array(content.utf8))) + "\n"
}

private struct MadeTokens: Decodable {
    let keys: String
    /// By algorithm; no two are the same.
    let tokens: [String: [String]]
}

private func benchTokens(on loop: EventLoop) async throws {
    let program = try String(contentsOfFile: "\(Locations.packageRoot)/Tests/Bench/tokens.py", encoding: .utf8)
    let made = try JSONDecoder().decode(MadeTokens.self, from: Data(Python.run(program).utf8))
    let file = try TemporaryDirectory("bench")
    let issuer = TokenSettings.Issuer(name: "bench", keys: .file(path: try file.write(made.keys, to: "keys.json")))
    let settings = TokenSettings(issuers: [issuer], rules: TokenRules(audiences: ["bench"]))
    let verifier = TokenVerifier(settings, on: loop) { _ in }
    let authenticator = CallerAuthenticator(staticKeys: .none, tokens: verifier)
    for name in ["RS256", "PS256", "ES256", "EdDSA"] {
        let requests = made.tokens[name, default: []].map { request("Bearer \($0)") }
        guard let first = requests.first else { throw BenchError(description: "no tokens of \(name)") }
        // Has the keys read.
        try await expectCaller(of: first, by: authenticator)
        if name == "RS256" {
            try await measure("remembered JWT (\(name))", operations) { _ in
                try await expectCaller(of: first, by: authenticator)
            }
        }
        let others = Array(requests.dropFirst())
        try await measure("first verification, \(name)", others.count) { number in
            try await expectCaller(of: others[number], by: authenticator)
        }
    }
}

private func expectCaller(of request: Request, by authenticator: CallerAuthenticator) async throws {
    guard try await authenticator.caller(of: request) != nil else { throw BenchError(description: "refused") }
}

/// With the fields of a usual client.
private func request(_ authorization: String?) -> Request {
    var bytes: [UInt8] = []
    func append(_ text: String) -> Range<Int> {
        let begin = bytes.count
        bytes += text.utf8
        return begin..<bytes.count
    }
    var lines = [
        ("Host", "heartbeats.example"), ("User-Agent", "bench"), ("Accept", "*/*"),
        ("Content-Type", "application/json"), ("Content-Length", "17"),
    ]
    if let authorization { lines.append(("Authorization", authorization)) }
    let entries = lines.map { Fields.Entry(name: append($0.0), value: append($0.1)) }
    return Request(
        method: .post, path: Array("/tasks/t/heartbeat".utf8), fields: Fields(bytes: bytes, entries: entries))
}
