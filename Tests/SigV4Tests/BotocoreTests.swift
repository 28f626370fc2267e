import Foundation
import SigV4
import Testing

/// 500 random requests, signed by botocore's own signer and by ours.
@Suite struct BotocoreTests {
    static let caseCount = 500
    static let seed = 20_120_125

    @Test func `signs byte for byte as botocore does`() throws {
        for (number, sample) in try BotocoreSample.generate(count: Self.caseCount, seed: Self.seed).enumerated() {
            var signer = Signer(region: sample.region, service: sample.service, hash: .libcrypto)
            let added = signer.sign(
                try sample.request, with: sample.credentials, at: Timestamp(epochSeconds: sample.time))
            try #require(added.map { [$0.name, $0.value] } == sample.added, "request \(number): \(sample)")
        }
    }

    @Test func `accepts what botocore has signed, and nothing that was changed after it`() throws {
        for (number, sample) in try BotocoreSample.generate(count: Self.caseCount, seed: Self.seed + 1).enumerated() {
            var verifier = Verifier(
                region: sample.region, service: sample.service, credentials: [sample.credentials], hash: .libcrypto)
            let now = Timestamp(epochSeconds: sample.time)
            var received = try sample.request
            received.headers += sample.added.map { (name: $0[0], value: $0[1]) }
            #expect(throws: Never.self, "request \(number): \(sample)") { try verifier.verify(received, at: now) }
            received.body.append(0)
            #expect(throws: VerificationFault.wrongSignature, "request \(number): \(sample)") {
                try verifier.verify(received, at: now)
            }
        }
    }
}

/// A line of `botocore_signer.py`.
struct BotocoreSample: Decodable {
    let time: Int64
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    let region: String
    let service: String
    let method: String
    let path: String
    let query: String
    let headers: [[String]]
    /// In hexadecimal.
    let body: String
    /// The headers that botocore added.
    let added: [[String]]

    var credentials: Credentials {
        Credentials(accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken)
    }

    var request: SignableRequest {
        get throws {
            let digits = Array(body)
            let bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
                try #require(UInt8(String(digits[index...(index + 1)]), radix: 16))
            }
            return SignableRequest(
                method: method, path: path, query: query, headers: headers.map { (name: $0[0], value: $0[1]) },
                body: bytes)
        }
    }

    /// Fails, with what Python said, where there is no Python or no botocore: without them nothing would be compared.
    static func generate(count: Int, seed: Int) throws -> [BotocoreSample] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let virtual = root.appendingPathComponent(".venv/bin/python").path
        let python = FileManager.default.isExecutableFile(atPath: virtual) ? virtual : "python3"

        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, folder.appendingPathComponent("botocore_signer.py").path, "\(seed)", "\(count)"]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let lines = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0,
            "botocore's signer did not run with \(python); it needs Python 3 with botocore: \(complaint)")

        let samples = try lines.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(BotocoreSample.self, from: $0)
        }
        try #require(samples.count == count)
        return samples
    }
}
