import SigV4
import Testing

@Suite struct AuthorizationHeaderTests {
    static let scope = "Credential=AKIDEXAMPLE/20150830/us-east-1/swf/aws4_request"
    static let names = "SignedHeaders=host;x-amz-date"
    static let signature = "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

    @Test(arguments: [
        "\(scope), \(names), \(signature)", "\(scope),\(names),\(signature)", "\(signature),   \(scope), \(names)",
    ])
    func `the parts in any order`(parts: String) throws {
        let header = try #require(AuthorizationHeader("AWS4-HMAC-SHA256 \(parts)"))
        #expect(header.accessKeyID == "AKIDEXAMPLE")
        #expect(header.scope == CredentialScope(day: "20150830", region: "us-east-1", service: "swf"))
        #expect(header.signedHeaders == "host;x-amz-date")
        #expect(header.signature == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        #expect(header.value == "AWS4-HMAC-SHA256 \(Self.scope), \(Self.names), \(Self.signature)")
    }

    @Test(arguments: [
        "", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ", "aws4-hmac-sha256 \(scope), \(names), \(signature)",
        "AWS4-HMAC-SHA512 \(scope), \(names), \(signature)", "AWS4-HMAC-SHA256 \(scope), \(names)",
        "AWS4-HMAC-SHA256 \(scope), \(names), \(signature),", "AWS4-HMAC-SHA256 \(scope) \(names) \(signature)",
        "AWS4-HMAC-SHA256 \(scope), \(scope), \(names), \(signature)",
        "AWS4-HMAC-SHA256 \(scope), \(names), \(signature), Extra=1",
        "AWS4-HMAC-SHA256 \(scope), \(names), Other=1",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/aws4_request, \(names), \(signature)",
        "AWS4-HMAC-SHA256 Credential=A/20150830//swf/aws4_request, \(names), \(signature)",
        "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/swf/aws3_request, \(names), \(signature)",
        "AWS4-HMAC-SHA256 Credential=A/B/20150830/us-east-1/swf/aws4_request, \(names), \(signature)",
        "AWS4-HMAC-SHA256 \(scope), SignedHeaders=, \(signature)",
        "AWS4-HMAC-SHA256 \(scope), SignedHeaders=host;, \(signature)",
        "AWS4-HMAC-SHA256 \(scope), SignedHeaders=Host, \(signature)",
        "AWS4-HMAC-SHA256 \(scope), SignedHeaders=x-amz-date;host, \(signature)",
        "AWS4-HMAC-SHA256 \(scope), SignedHeaders=host;host, \(signature)",
        "AWS4-HMAC-SHA256 \(scope), \(names), Signature=", "AWS4-HMAC-SHA256 \(scope), \(names), \(signature)0",
        "AWS4-HMAC-SHA256 \(scope), \(names), \(signature.dropLast())g",
        "AWS4-HMAC-SHA256 \(scope), \(names), \(signature.dropLast())F",
    ])
    func `what is no such header`(value: String) {
        #expect(AuthorizationHeader(value) == nil)
    }
}
