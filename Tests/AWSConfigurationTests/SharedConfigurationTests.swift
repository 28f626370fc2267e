import AWSConfiguration
import Testing

struct SharedConfigurationTests {
    @Test func `the credentials file wins over the config file`() {
        var configuration = SharedConfiguration()
        configuration.configProfiles["a"] = .init(values: ["region": "r", "aws_access_key_id": "config"])
        configuration.credentialsProfiles["a"] = .init(values: ["aws_access_key_id": "credentials"])
        #expect(configuration.profile("a")?.values == ["region": "r", "aws_access_key_id": "credentials"])
        #expect(configuration.profile("b") == nil)
    }
}
