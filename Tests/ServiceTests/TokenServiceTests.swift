import Authentication
import Foundation
import Synchronization
import TestSupport
import Testing

/// JSON Web Tokens, from the provider to the audit row.
@Suite(.timeLimit(.minutes(10)))
struct TokenServiceTests {
    /// One key, and what is signed with it now.
    private struct Made: Decodable {
        var keys: String
        var worker: String
        var bound: String
        var reader: String
        var expired: String
        var forged: String
    }

    private static let program = """
        import json, sys, time
        from joserfc import jwk, jwt

        issuer = sys.argv[1]
        key = jwk.ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256"})
        stranger = jwk.ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256"})

        def token(key=key, **changes):
            claims = {"iss": issuer, "aud": "heartbeats", "sub": "robot", "exp": int(time.time()) + 600, **changes}
            return jwt.encode({"alg": "ES256", "kid": "one"}, claims, key, algorithms=["ES256"])

        print(json.dumps({
            "keys": json.dumps({"keys": [key.as_dict(private=False)]}), "worker": token(),
            "bound": token(scope="beat"), "reader": token(scp=["audit"], sub="auditor"),
            "expired": token(exp=int(time.time()) - 61), "forged": token(stranger)}))
        """

    private static func made(_ issuer: String) throws -> Made {
        try JSONDecoder().decode(Made.self, from: Data(Python.run(program, [issuer]).utf8))
    }

    private static func bearer(_ token: String) -> [(name: String, value: String)] {
        [(name: "Authorization", value: "Bearer \(token)"), (name: "Content-Type", value: "application/json")]
    }

    @Test func `a heartbeat with a token is relayed, and its row says so`() throws {
        let documents = Mutex<[String: String]>([:])
        let provider = try StubServer { request in
            let path = request.line.split(separator: " ")[1]
            let body = documents.withLock { $0[String(path)] }
            let status = body == nil ? 404 : 200
            let text = body ?? ""
            return [.send("HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")]
        }
        let made = try Self.made(provider.url)
        documents.withLock {
            $0["/.well-known/openid-configuration"] =
                "{\"issuer\":\"\(provider.url)\",\"jwks_uri\":\"\(provider.url)/keys\"}"
            $0["/keys"] = made.keys
        }
        let service = try Service(["HEARTBEAT_JWT_ISSUER": provider.url, "HEARTBEAT_JWT_AUDIENCE": "heartbeats"])
        // On both loops, and more than once on each.
        for number in 0..<8 {
            let response = try service.heartbeat(base64("ok#jwt\(number)"), headers: Self.bearer(made.worker))
            #expect(response.status == 200, "\(response.text)")
            #expect(
                try service.row(response["X-Request-Id"], "caller, authentication, outcome")
                    == ["robot", "jwt", "recorded"])
        }
        #expect(try service.heartbeat(base64("ok#key")).status == 200)
        #expect(provider.requests.count == 2)
        #expect(try service.process.operations("/readyz").text.contains("\"jwt_keys\":{\"ok\":true,"))

        // What is wrong with a token is nobody's business: the answers are those to an unknown API key.
        let unknown = try service.heartbeat(base64("ok#bad"), headers: Self.bearer("hbf_x"))
        #expect(unknown.status == 401)
        for token in [made.expired, made.forged, made.worker + "AAAA", "a.b.c", ".."] {
            let refused = try service.heartbeat(base64("ok#bad"), headers: Self.bearer(token))
            #expect(refused.status == 401)
            #expect(refused["WWW-Authenticate"] == unknown["WWW-Authenticate"])
            let id = try #require(refused["X-Request-Id"])
            let other = try #require(unknown["X-Request-Id"])
            #expect(refused.text.replacingOccurrences(of: id, with: other) == unknown.text)
            #expect(try service.row(id, "outcome, caller") == ["unauthenticated", PrivatePostgreSQL.null])
        }
        let seen =
            try service.process.log + service.process.operations("/metrics").text
            + service.database.query("SELECT heartbeat_audit::text FROM heartbeat_audit").joined().joined()
        for token in [made.worker, made.expired, made.forged] {
            for part in token.split(separator: ".") { #expect(!seen.contains(part)) }
        }
    }

    @Test func `a token without the scope may not send heartbeats, and one with another may read`() throws {
        let made = try Self.made("id")
        let directory = try TemporaryDirectory("jwks")
        let service = try Service([
            "HEARTBEAT_JWT_ISSUER": "id", "HEARTBEAT_JWT_AUDIENCE": "heartbeats", "HEARTBEAT_JWT_SCOPE": "beat",
            "HEARTBEAT_JWKS_FILE": try directory.write(made.keys, to: "keys.json"), "HEARTBEAT_API_KEYS": "",
        ])
        #expect(!service.process.log.contains("HEARTBEAT_API_KEYS is not set"))
        let token = base64("ok#scope")
        let refused = try service.heartbeat(token, headers: Self.bearer(made.worker))
        #expect(refused.status == 403)
        #expect(
            try service.row(refused["X-Request-Id"], "caller, authentication, outcome")
                == ["robot", "jwt", "forbidden"])
        #expect(try service.heartbeat(token, headers: Self.bearer(made.bound)).status == 200)
        func read(_ bearer: String) throws -> Int {
            try service.process.client().get("/tasks/\(token)", headers: Self.bearer(bearer)).status
        }
        #expect(try read(made.bound) == 403)
        // Nothing there of the reader's own.
        #expect(try read(made.reader) == 404)
    }

    @Test func `a token of a key's name is not taken for the key`() throws {
        let made = try Self.made("id")
        let key = try APIKey.generate()
        let directory = try TemporaryDirectory("jwks")
        let service = try Service([
            "HEARTBEAT_JWT_ISSUER": "id", "HEARTBEAT_JWT_AUDIENCE": "heartbeats",
            "HEARTBEAT_JWT_ALGORITHMS": "ES256", "HEARTBEAT_BIND_TASKS": "first-caller",
            "HEARTBEAT_JWKS_FILE": try directory.write(made.keys, to: "keys.json"),
            "HEARTBEAT_API_KEYS": "auditor:\(key.sha256Hex):heartbeat,audit",
        ])
        let task = base64("ok#namesake")
        #expect(try service.heartbeat(task, headers: Self.bearer(key.secret)).status == 200)
        func read(_ bearer: String) throws -> Int {
            try service.process.client().get("/tasks/\(task)", headers: Self.bearer(bearer)).status
        }
        #expect(try read(key.secret) == 200)
        #expect(try read(made.reader) == 404)
        #expect(try service.heartbeat(task, headers: Self.bearer(made.reader)).status == 403)
    }

    @Test func `algorithms that are not allowed are refused`() throws {
        let made = try Self.made("id")
        let directory = try TemporaryDirectory("jwks")
        let service = try Service([
            "HEARTBEAT_JWT_ISSUER": "id", "HEARTBEAT_JWT_AUDIENCE": "heartbeats",
            "HEARTBEAT_JWT_ALGORITHMS": "RS256,EdDSA",
            "HEARTBEAT_JWKS_FILE": try directory.write(made.keys, to: "keys.json"),
        ])
        #expect(try service.heartbeat(base64("ok#algorithm"), headers: Self.bearer(made.worker)).status == 401)
        let unknown = try runFacade(
            ["check"],
            environment: [
                "HEARTBEAT_JWT_ISSUER": "https://id.example", "HEARTBEAT_JWT_AUDIENCE": "a",
                "HEARTBEAT_JWT_ALGORITHMS": "RS256,none",
            ])
        #expect(unknown.exit == .exited(78))
        #expect((unknown.standardOutput + unknown.standardError).contains("\"none\" is none of RS256"))
    }

    @Test func `without its provider the service is ready, and API keys work`() throws {
        let port = try freePort()
        let made = try Self.made("id")
        let service = try Service([
            "HEARTBEAT_JWT_ISSUER": "id", "HEARTBEAT_JWT_AUDIENCE": "heartbeats",
            "HEARTBEAT_JWKS_URL": "http://127.0.0.1:\(port)/keys",
        ])
        #expect(try service.heartbeat(base64("ok#away"), headers: Self.bearer(made.worker)).status == 401)
        #expect(try service.heartbeat(base64("ok#away")).status == 200)
        let ready = try service.process.operations("/readyz")
        #expect(ready.status == 200)
        #expect(ready.text.contains("\"jwt_keys\":{\"ok\":false"))
        #expect(!(try service.process.operations("/metrics").text.contains("heartbeat_jwks_failures_total 0")))
        #expect(service.process.log.contains("could not get the issuer's public keys"))
    }
}
