import LibCrypto
import SigV4
import Testing

@Suite struct SignerTests {
    private let request = SignableRequest(
        method: "POST", headers: [("Host", "swf.us-east-1.amazonaws.com")], body: Array("{}".utf8))

    private func authorization(_ headers: [(name: String, value: String)]) -> String? {
        headers.first { $0.name == "Authorization" }?.value
    }

    private func signed(_ signer: inout Signer, _ credentials: Credentials, _ time: Int64) -> String? {
        authorization(signer.sign(request, with: credentials, at: Timestamp(epochSeconds: time)))
    }

    @Test func `a signer that was used before signs like a new one`() {
        let midnight: Int64 = 1_440_979_200
        let other = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "another secret of the same key ID")
        var used = Signer(region: "us-east-1", service: "swf", hash: .libcrypto)
        for (credentials, time) in [
            (exampleCredentials, midnight - 1), (exampleCredentials, midnight), (other, midnight),
            (exampleCredentials, midnight), (exampleCredentials, midnight + 1),
        ] {
            var new = Signer(region: "us-east-1", service: "swf", hash: .libcrypto)
            #expect(signed(&used, credentials, time) == signed(&new, credentials, time))
        }
    }

    @Test func `whatever differs from the request before is signed`() {
        let headers = request.headers
        let temporary = Credentials(
            accessKeyID: exampleCredentials.accessKeyID, secretAccessKey: exampleCredentials.secretAccessKey,
            sessionToken: "a token")
        let changes: [(inout SignableRequest) -> Void] = [
            { _ in }, { $0.method = "PUT" }, { $0.path = "/a" }, { $0.query = "a=b" }, { $0.body = [0] },
            { $0.headers = headers + [(name: "X-Amz-A", value: "b")] },
            { $0.headers = headers.map { (name: $0.name, value: $0.value + "a") } },
        ]
        var used = Signer(region: "us-east-1", service: "swf", hash: .libcrypto)
        for change in changes {
            var changed = request
            change(&changed)
            for (request, credentials) in [(changed, exampleCredentials), (changed, temporary)] {
                var new = Signer(region: "us-east-1", service: "swf", hash: .libcrypto)
                let time = Timestamp(epochSeconds: 0)
                let expected = new.sign(request, with: credentials, at: time)
                let added = used.sign(request, with: credentials, at: time)
                #expect(added.map(\.name) == expected.map(\.name) && added.map(\.value) == expected.map(\.value))
            }
        }
    }

    @Test func `the signing key is derived once a day and secret`() {
        let counter = Counter()
        let counting = HashFunctions(
            sha256: SHA256Hasher().digest,
            hmacSHA256: { key in
                counter.keys += 1
                return HMACSHA256(key: key).code
            })
        var signer = Signer(region: "us-east-1", service: "swf", hash: counting)
        let perDerivation = 5
        _ = signed(&signer, exampleCredentials, 0)
        #expect(counter.keys == perDerivation)
        _ = signed(&signer, exampleCredentials, 86_399)
        #expect(counter.keys == perDerivation)
        _ = signed(&signer, exampleCredentials, 86_400)
        #expect(counter.keys == 2 * perDerivation)
        _ = signed(&signer, Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "other"), 86_400)
        #expect(counter.keys == 3 * perDerivation)
    }

    @Test(arguments: ["User-Agent", "Connection", "TE", "traceparent", "TraceState", "Baggage", "X-Amzn-Trace-Id"])
    func `what may change on the way is not signed`(name: String) {
        var signer = Signer(region: "us-east-1", service: "swf", hash: .libcrypto)
        let without = signed(&signer, exampleCredentials, 0)
        var traced = request
        traced.headers.append((name: name, value: "any"))
        let added = signer.sign(traced, with: exampleCredentials, at: Timestamp(epochSeconds: 0))
        #expect(authorization(added) == without)
    }

    @Test func `nothing shows a secret`() {
        let credentials = Credentials(accessKeyID: "shown-1", secretAccessKey: "shown-2", sessionToken: "shown-3")
        var signer = Signer(region: "us-east-1", service: "swf", hash: .libcrypto)
        var request = request
        request.headers += signer.sign(request, with: credentials, at: Timestamp(epochSeconds: 0))
        let verifier = Verifier(region: "us-east-1", service: "swf", credentials: [credentials], hash: .libcrypto)
        let header = authorization(request.headers).flatMap { AuthorizationHeader($0) }
        #expect(header != nil)
        for value in [credentials, signer, request, header as Any] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains("shown-") && !text.contains("Signature="), "\(type(of: value))")
            }
        }
        #expect(!"\(verifier)\(String(reflecting: verifier))".contains(/shown-[23]/))
    }
}

private final class Counter {
    var keys = 0
}
