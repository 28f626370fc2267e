import LibCrypto
import SigV4
import Testing

/// AWS's documented example and its signature test suite, all of 2015-08-30T12:36:00Z in us-east-1.
@Suite struct PublishedVectorTests {
    struct Vector: CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query = ""
        var headers: [(name: String, value: String)] = []
        var body = ""
        var host = "example.amazonaws.com"
        var service = "service"
        var sessionToken: String?
        var signedHeaders = "host;x-amz-date"
        var signature: String

        var testDescription: String { name }

        var request: SignableRequest {
            SignableRequest(
                method: method, path: path, query: query, headers: [("Host", host)] + headers, body: Array(body.utf8))
        }
    }

    static let iamListUsers = Vector(
        name: "IAM ListUsers", query: "Action=ListUsers&Version=2010-05-08",
        headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], host: "iam.amazonaws.com",
        service: "iam", signedHeaders: "content-type;host;x-amz-date",
        signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")

    static let vectors = [
        iamListUsers,
        Vector(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "post-vanilla", method: "POST",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Vector(
            name: "get-vanilla-query-order-key-case", query: "Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Vector(
            name: "get-vanilla-query-order-value", query: "Param1=value2&Param1=value1",
            signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
        Vector(
            name: "get-vanilla-utf8-query", query: "%E1%88%B4=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Vector(
            name: "get-unreserved", path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Vector(
            name: "get-utf8", path: "/ሴ",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Vector(
            name: "get-space", path: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Vector(
            name: "get-relative-relative", path: "/example1/example2/../..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-slashes", path: "//example//",
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        Vector(
            name: "get-slash-pointless-dot", path: "/./example",
            signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
        Vector(
            name: "get-header-value-trim", headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            signedHeaders: "host;my-header1;my-header2;x-amz-date",
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Vector(
            name: "get-header-key-duplicate",
            headers: [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
            signedHeaders: "host;my-header1;x-amz-date",
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Vector(
            name: "post-header-key-case", method: "POST", headers: [("MY-HEADER1", "value1")],
            signedHeaders: "host;my-header1;x-amz-date",
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        Vector(
            name: "post-x-www-form-urlencoded", method: "POST",
            headers: [("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
            signedHeaders: "content-type;host;x-amz-date",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
        Vector(
            name: "post-sts-header-before", method: "POST",
            sessionToken: """
                AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeo\
                IYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5V\
                SXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yj\
                c8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==
                """,
            signedHeaders: "host;x-amz-date;x-amz-security-token",
            signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
    ]

    @Test(arguments: vectors) func `the published signature`(vector: Vector) {
        var signer = Signer(region: "us-east-1", service: vector.service, hash: .libcrypto)
        let credentials = Credentials(
            accessKeyID: exampleCredentials.accessKeyID, secretAccessKey: exampleCredentials.secretAccessKey,
            sessionToken: vector.sessionToken)
        let added = signer.sign(vector.request, with: credentials, at: Timestamp(epochSeconds: 1_440_938_160))

        var expected = [("X-Amz-Date", "20150830T123600Z")]
        if let token = vector.sessionToken { expected.append(("X-Amz-Security-Token", token)) }
        expected.append(
            (
                "Authorization",
                """
                AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/\(vector.service)/aws4_request, \
                SignedHeaders=\(vector.signedHeaders), Signature=\(vector.signature)
                """
            ))
        #expect(added.map(\.name) == expected.map(\.0))
        #expect(added.map(\.value) == expected.map(\.1))
    }

    /// The documentation gives the steps of this example too: what is hashed must be what it shows.
    @Test func `each step of the documented example`() {
        let hashed = Recorder()
        let hasher = SHA256Hasher()
        let recording = HashFunctions(
            sha256: { hashed.record($0, hasher.digest(of: $0)) },
            hmacSHA256: { key in
                let mac = HMACSHA256(key: key)
                return { hashed.record($0, mac.code(of: $0)) }
            })
        var signer = Signer(region: "us-east-1", service: "iam", hash: recording)
        _ = signer.sign(
            Self.iamListUsers.request, with: exampleCredentials, at: Timestamp(epochSeconds: 1_440_938_160))

        #expect(
            hashed.messages == [
                "20150830", "us-east-1", "iam", "aws4_request",
                "",
                """
                GET
                /
                Action=ListUsers&Version=2010-05-08
                content-type:application/x-www-form-urlencoded; charset=utf-8
                host:iam.amazonaws.com
                x-amz-date:20150830T123600Z

                content-type;host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """,
                """
                AWS4-HMAC-SHA256
                20150830T123600Z
                20150830/us-east-1/iam/aws4_request
                f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59
                """,
            ])
        #expect(
            [hashed.digests[3], hashed.digests.last] == [
                "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9", Self.iamListUsers.signature,
            ])
    }
}

/// Notes what a signer has hashed.
private final class Recorder {
    private(set) var messages: [String] = []
    private(set) var digests: [String] = []

    func record(_ message: Span<UInt8>, _ digest: SHA256Hasher.Digest) -> SHA256Hasher.Digest {
        messages.append(String(decoding: message.indices.map { message[$0] }, as: UTF8.self))
        digests.append(lowercaseHex(digest.indices.map { digest[$0] }))
        return digest
    }
}
