import SigV4
import Testing

@Suite struct VerifierTests {
    static let now: Int64 = 1_440_938_160
    static let temporary = Credentials(accessKeyID: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: "token")

    struct Row: CustomTestStringConvertible {
        var name: String
        var credentials = exampleCredentials
        var region = "us-east-1"
        var service = "swf"
        var time = VerifierTests.now
        /// What happens to the request once it is signed.
        var change: @Sendable (inout SignableRequest) -> Void = { _ in }
        var fault: VerificationFault?

        var testDescription: String { "\(name): \(fault.map { "\($0)" } ?? "accepted")" }
    }

    static let accepted = [
        Row(name: "as signed"),
        Row(name: "temporary credentials", credentials: temporary),
        Row(name: "as old as allowed", time: now - Verifier.clockSkewSecondsMax),
        Row(name: "as early as allowed", time: now + Verifier.clockSkewSecondsMax),
        Row(name: "an unsigned header added") { $0.headers.append(("User-Agent", "any")) },
        Row(name: "headers in another order") { $0.headers.reverse() },
        Row(name: "names in another case") { request in
            request.headers = request.headers.map { ($0.name.uppercased(), $0.value) }
        },
        Row(name: "white space around a value") { $0.replace("X-Amz-Target", "  Service.Operation ") },
        Row(name: "parts of the header without spaces") { request in
            request.edit("Authorization") { $0.split(separator: ", ").joined(separator: ",") }
        },
    ]

    static let refused = [
        Row(name: "no Authorization", change: { $0.remove("Authorization") }, fault: .missingAuthorization),
        Row(
            name: "two Authorizations",
            change: { request in request.headers += request.headers.filter { $0.name == "Authorization" } },
            fault: .malformed),
        Row(name: "another scheme", change: { $0.replace("Authorization", "Bearer x") }, fault: .malformed),
        Row(name: "no X-Amz-Date", change: { $0.remove("X-Amz-Date") }, fault: .malformed),
        Row(name: "no time", change: { $0.replace("X-Amz-Date", "yesterday") }, fault: .malformed),
        Row(name: "the next day", change: { $0.replace("X-Amz-Date", "20150831T123600Z") }, fault: .wrongScope),
        Row(name: "another region", region: "us-west-2", fault: .wrongScope),
        Row(name: "another service", service: "sts", fault: .wrongScope),
        Row(name: "too old", time: now - Verifier.clockSkewSecondsMax - 1, fault: .expired),
        Row(name: "too early", time: now + Verifier.clockSkewSecondsMax + 1, fault: .notYetCurrent),
        Row(
            name: "an unknown key", credentials: Credentials(accessKeyID: "AKIDOTHER", secretAccessKey: "secret"),
            fault: .unknownCredentials),
        Row(
            name: "no session token", credentials: Credentials(accessKeyID: "ASIAEXAMPLE", secretAccessKey: "secret"),
            fault: .unknownCredentials),
        Row(
            name: "another session token", credentials: temporary,
            change: { $0.replace("X-Amz-Security-Token", "other") }, fault: .unknownCredentials),
        Row(
            name: "a session token where there is none",
            change: { $0.headers.append(("X-Amz-Security-Token", "token")) }, fault: .unknownCredentials),
        Row(
            name: "an unsigned X-Amz header", change: { $0.headers.append(("X-Amz-Meta", "x")) },
            fault: .wrongSignedHeaders),
        Row(name: "a signed header gone", change: { $0.remove("Content-Type") }, fault: .wrongSignedHeaders),
        Row(
            name: "Host not signed",
            change: { $0.edit("Authorization") { $0.split(separator: "host;").joined() } }, fault: .wrongSignedHeaders),
        Row(
            name: "another secret",
            credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wrong"), fault: .wrongSignature),
        Row(name: "another second", change: { $0.replace("X-Amz-Date", "20150830T123601Z") }, fault: .wrongSignature),
        Row(name: "another method", change: { $0.method = "PUT" }, fault: .wrongSignature),
        Row(name: "another path", change: { $0.path = "/x" }, fault: .wrongSignature),
        Row(name: "another query", change: { $0.query = "x" }, fault: .wrongSignature),
        Row(name: "another body", change: { $0.body.append(0) }, fault: .wrongSignature),
        Row(name: "another host", change: { $0.replace("Host", "localhost") }, fault: .wrongSignature),
        Row(
            name: "another operation", change: { $0.replace("X-Amz-Target", "Service.Other") }, fault: .wrongSignature),
        Row(
            name: "a signed header twice", change: { $0.headers.append(("Content-Type", "text/plain")) },
            fault: .wrongSignature),
    ]

    @Test(arguments: accepted + refused) func `signed requests`(row: Row) {
        var request = SignableRequest(
            method: "POST",
            headers: [
                ("Host", "localhost:4566"), ("X-Amz-Target", "Service.Operation"),
                ("Content-Type", "application/x-amz-json-1.0"),
            ],
            body: Array("{}".utf8))
        var signer = Signer(region: row.region, service: row.service, hash: .libcrypto)
        request.headers += signer.sign(request, with: row.credentials, at: Timestamp(epochSeconds: row.time))
        row.change(&request)

        var verifier = Verifier(
            region: "us-east-1", service: "swf", credentials: [exampleCredentials, Self.temporary], hash: .libcrypto)
        var fault: VerificationFault?
        do throws(VerificationFault) {
            try verifier.verify(request, at: Timestamp(epochSeconds: Self.now))
        } catch {
            fault = error
        }
        #expect(fault == row.fault)
    }

    @Test func `each fault has a row`() {
        #expect(Set(Self.refused.map(\.fault)) == Set(VerificationFault.allCases))
    }
}

extension SignableRequest {
    fileprivate mutating func remove(_ name: String) {
        headers.removeAll { $0.name == name }
    }

    fileprivate mutating func replace(_ name: String, _ value: String) {
        edit(name) { _ in value }
    }

    fileprivate mutating func edit(_ name: String, _ change: (String) -> String) {
        headers = headers.map { $0.name == name ? ($0.name, change($0.value)) : $0 }
    }
}
