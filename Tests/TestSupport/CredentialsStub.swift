import Foundation

extension StubServer {
    /// Gives AWS credentials that expire in two hours, as ECS does: where `AWS_CONTAINER_CREDENTIALS_FULL_URI` leads.
    package static func withCredentials() throws -> StubServer {
        try StubServer { _ in
            let expiration = Date(timeIntervalSinceNow: 7200).ISO8601Format()
            let body = """
                {"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY","Token":"t",\
                "Expiration":"\(expiration)"}
                """
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")]
        }
    }
}
