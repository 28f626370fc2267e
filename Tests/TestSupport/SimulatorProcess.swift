/// The package's own stand-in for SWF, as a process.
package final class SimulatorProcess: Sendable {
    package static let region = "us-east-1"
    package static let accessKeyID = "AKIDEXAMPLE"
    package static let secretAccessKey = "SECRET"

    package let port: UInt16
    package let child: ChildProcess

    /// - Parameter arguments: beside those for the listener, the region and the keys.
    package init(_ arguments: [String] = []) throws {
        child = try ChildProcess(
            Locations.product("swf-simulator"),
            [
                "--listen", "127.0.0.1:0", "--region", Self.region, "--access-key-id", Self.accessKeyID,
                "--secret-access-key", Self.secretAccessKey,
            ] + arguments)
        let prefix = "listening on 127.0.0.1:"
        let line = try child.waitForLine(on: .standardOutput) { $0.hasPrefix(prefix) }
        guard let port = UInt16(line.dropFirst(prefix.count)) else { throw child.failure("names no port") }
        self.port = port
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    /// What the service needs to send its calls here.
    package var environment: [String: String] {
        [
            "AWS_REGION": Self.region, "AWS_ACCESS_KEY_ID": Self.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": Self.secretAccessKey, "AWS_ENDPOINT_URL_SWF": url,
        ]
    }

    /// A new connection.
    package func client() throws -> RawHTTPClient {
        try RawHTTPClient(port: port)
    }

    /// What it got so far, as it tells it.
    package func calls() throws -> String {
        try client().get("/calls", headers: [("Connection", "close")]).text
    }
}
