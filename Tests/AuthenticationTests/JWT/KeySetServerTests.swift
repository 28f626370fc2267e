import EventLoop
import Foundation
import TestSupport
import Testing

@testable import Authentication

/// What a provider may answer, and what is made of it.
struct ProviderRow: CustomTestStringConvertible, Sendable {
    let name: String
    let answer: @Sendable (_ keys: String) -> [StubServer.Step]
    /// In the fault; nil: there are keys.
    var fault: String?

    var testDescription: String { name }

    /// Short for those that would last for ever.
    var deadline: Duration { fault == "did not answer in time" ? .milliseconds(300) : .seconds(60) }

    static func json(_ body: String, status: String = "200 OK", fields: String = "") -> [StubServer.Step] {
        [.send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")]
    }
}

@Suite(.timeLimit(.minutes(10)))
struct KeySetServerTests {
    private static let spaces = String(repeating: " ", count: KeySet.bytesMax)
    private static let manyKeys = String(repeating: "{},", count: KeySet.keysMax) + "{}"

    static let rows = [
        ProviderRow(name: "keys", answer: { ProviderRow.json($0) }),
        ProviderRow(name: "keys in 256 KiB", answer: { ProviderRow.json($0 + spaces.dropLast($0.utf8.count)) }),
        ProviderRow(
            name: "keys, chunked",
            answer: { keys in
                let size = String(keys.utf8.count, radix: 16)
                return [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\n\(keys)\r\n0\r\n\r\n")]
            }),
        ProviderRow(name: "too much", answer: { ProviderRow.json($0 + spaces) }, fault: "is longer than"),
        ProviderRow(
            name: "too much, not announced",
            answer: { [.send("HTTP/1.1 200 OK\r\n\r\n\($0)\(spaces)"), .close] }, fault: "is longer than"),
        ProviderRow(
            name: "too many keys", answer: { _ in ProviderRow.json("{\"keys\":[\(manyKeys)]}") },
            fault: "more than 64"),
        ProviderRow(name: "500", answer: { ProviderRow.json($0, status: "500 Oops") }, fault: "answered 500"),
        ProviderRow(name: "404", answer: { ProviderRow.json($0, status: "404 Gone") }, fault: "answered 404"),
        ProviderRow(name: "204", answer: { _ in [.send("HTTP/1.1 204 None\r\n\r\n")] }, fault: "answered 204"),
        ProviderRow(
            name: "a redirect", answer: { ProviderRow.json($0, status: "302 Found", fields: "Location: /keys\r\n") },
            fault: "answered 302"),
        ProviderRow(name: "HTML", answer: { _ in ProviderRow.json("<html></html>") }, fault: "is not valid JSON"),
        ProviderRow(name: "nothing", answer: { _ in ProviderRow.json("") }, fault: "is not valid JSON"),
        ProviderRow(name: "an array", answer: { _ in ProviderRow.json("[]") }, fault: "is not valid JSON"),
        ProviderRow(name: "no keys", answer: { _ in ProviderRow.json("{}") }, fault: "has no list of keys"),
        ProviderRow(name: "keys twice", answer: { _ in ProviderRow.json(#"{"keys":[],"keys":[]}"#) }, fault: "JSON"),
        ProviderRow(name: "keys an object", answer: { _ in ProviderRow.json(#"{"keys":{}}"#) }, fault: "no list"),
        ProviderRow(
            name: "half an answer",
            answer: { [.send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n\($0)"), .close] },
            fault: "cannot be reached"),
        ProviderRow(name: "a reset", answer: { _ in [.reset] }, fault: "cannot be reached"),
        ProviderRow(name: "garbage", answer: { _ in [.send("nonsense\r\n\r\n"), .close] }, fault: "cannot be reached"),
        ProviderRow(name: "silence", answer: { _ in [.waitForClose] }, fault: "did not answer in time"),
        ProviderRow(
            name: "an answer that never ends",
            answer: { [.send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n\($0)"), .waitForClose] },
            fault: "did not answer in time"),
    ]

    @Test(arguments: rows) func `a provider's answers`(row: ProviderRow) throws {
        let keys = try Tokens.made().keys
        let server = try StubServer { _ in row.answer(keys) }
        let fault = try Self.load(.keys(#require(KeyServerURL("\(server.url)/keys"))), within: row.deadline)
        if let expected = row.fault {
            #expect(fault?.contains(expected) == true, "\(fault ?? "keys")")
            #expect(fault?.contains("\(server.url)/keys") == true)
        } else {
            #expect(fault == nil)
        }
        // Redirects are not followed, and nothing is asked for a second time.
        #expect(server.requests.allSatisfy { $0.line == "GET /keys HTTP/1.1" } && server.requests.count <= 1)
    }

    @Test func `nobody listens`() throws {
        let url = try #require(KeyServerURL("http://127.0.0.1:\(try freePort())/keys"))
        #expect(try Self.load(.keys(url))?.contains("cannot be reached") == true)
    }

    /// The configuration's text, with `URL` for the provider's own; and what is wrong.
    static let configurations: [(text: String, fault: String?)] = [
        (#"{"issuer":"URL/tenant","jwks_uri":"URL/keys"}"#, nil),
        (#"{"issuer":"URL/tenant/","jwks_uri":"URL/keys"}"#, "another issuer"),
        (#"{"issuer":"https://id.example","jwks_uri":"URL/keys"}"#, "another issuer"),
        (#"{"jwks_uri":"URL/keys"}"#, "another issuer"),
        (#"{"issuer":"URL/tenant"}"#, "no jwks_uri"),
        (#"{"issuer":"URL/tenant","jwks_uri":"http://id.example/keys"}"#, "no jwks_uri"),
        (#"{"issuer":"URL/tenant","jwks_uri":"file:///etc/passwd"}"#, "no jwks_uri"),
        (#"{"issuer":"URL/tenant","jwks_uri":"http://127.0.0.1@id.example/keys"}"#, "no jwks_uri"),
        (#"{"issuer":"URL/tenant","jwks_uri":"URL/other"}"#, "answered 404"),
        ("[]", "is not valid JSON"),
    ]

    @Test(arguments: configurations) func `discovery`(text: String, fault expected: String?) throws {
        let keys = try Tokens.made().keys
        let address = Mutable("")
        let server = try StubServer { request in
            switch request.line {
            case "GET /tenant/.well-known/openid-configuration HTTP/1.1":
                ProviderRow.json(text.replacingOccurrences(of: "URL", with: address.value))
            case "GET /keys HTTP/1.1": ProviderRow.json(keys)
            default: ProviderRow.json("", status: "404 Not Found")
            }
        }
        address.value = server.url
        let fault = try Self.load(.issuer(#require(KeyServerURL("\(server.url)/tenant"))))
        if let expected {
            #expect(fault?.contains(expected) == true, "\(fault ?? "keys")")
        } else {
            #expect(fault == nil)
        }
    }

    /// - Returns: what is wrong.
    private static func load(_ address: KeySetServer.Address, within: Duration = .seconds(60)) throws -> String? {
        try EventLoop.run { loop in
            do throws(KeySetFault) {
                _ = try await KeySetServer(address: address, loop: loop).load(deadline: .now + within)
                return nil
            } catch {
                return error.description
            }
        }
    }

    @Test(
        arguments: [
            (nil, 600), ("", 600), ("no-store", 600), ("max-age=300", 300),
            ("public, MAX-AGE=301, must-revalidate", 301),
            ("max-age=0", 60), ("max-age=59", 60), ("max-age=61", 61), ("max-age=86400", 86_400),
            ("max-age=86401", 86_400),
            ("max-age=99999999999999999999", 86_400), ("max-age=-1", 600), ("max-age=", 600), ("max-age=1e3", 600),
            ("s-maxage=300", 600), ("max-age", 600),
        ] as [(String?, Int)])
    func `keys are good for as long as the provider says, within limits`(field: String?, seconds: Int) {
        #expect(KeySetServer.lifetime(field) == .seconds(seconds))
    }

    @Test(arguments: [
        ("https://id.example", true), ("https://id.example:8443/a?b=c", true), ("http://localhost/keys", true),
        ("http://localhost:8080", true), ("http://127.0.0.1", true), ("http://127.255.0.1:1/keys", true),
        ("http://[::1]/keys", true), ("http://[::1]:80/keys", true), ("https://id.example/%20", true),
        ("", false), ("https://", false), ("https:///keys", false), ("id.example", false), ("http://id.example", false),
        ("HTTPS://id.example", false), ("ftp://127.0.0.1/keys", false), ("http://127.0.0.1.evil.example", false),
        ("http://127.1", false), ("http://127.0.0.256", false), ("http://localhost.evil.example", false),
        ("http://localhost@evil.example", false), ("https://user:pass@id.example", false),
        ("http://[::1].evil.example", false),
        ("http://10.0.0.1/keys", false), ("http://0.0.0.0", false), ("http://127.0.0.1\\@evil.example", false),
        ("https://id.example/a b", false), ("https://id.example/\n", false), ("https://id.example/#a", false),
        ("http://127.0.0.1#@evil.example", false), (" https://id.example", false), ("https://îd.example", false),
    ])
    func `what keys are fetched from`(text: String, isGood: Bool) {
        #expect((KeyServerURL(text) != nil) == isGood)
    }

    @Test func `a file is read again`() throws {
        let turns = try Tokens.made().series
        let directory = try TemporaryDirectory("jwks")
        let path = try directory.write(turns[0].keys, to: "keys.json")
        let time = ManualTime()
        let names = try EventLoop.run { loop in
            let verifier = TokenVerifier(KeySetKeeper(KeySetFile(path: path), on: loop, time: time))
            var names = [await verifier.name(turns[0].token)]
            try directory.write(turns[1].keys, to: "keys.json")
            time.advance(milliseconds: 30_000)
            names.append(await verifier.name(turns[1].token))
            names.append(await verifier.name(turns[0].token))
            return names
        }
        #expect(names == ["worker", "worker", nil])
        #expect(throws: KeySetFault.self) { try TokenSettings.checkKeys(inFile: directory.file("none.json")) }
    }
}

/// Set by a test, read by its server's threads.
private final class Mutable: @unchecked Sendable {
    // Guarded by the lock.
    private let lock = NSLock()
    private var held: String

    init(_ value: String) {
        held = value
    }

    var value: String {
        get { lock.withLock { held } }
        set { lock.withLock { held = newValue } }
    }
}
