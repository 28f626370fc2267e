import Foundation
import HTTP
import SigV4
import Testing

@testable import swf_simulator

/// One line of a table; a failure is reported under its name.
protocol NamedRow: Sendable, CustomTestStringConvertible {
    var name: String { get }
}

extension NamedRow {
    var testDescription: String { name }
}

/// The key of AWS's published examples, which is the simulator's own where it is given none.
let exampleKey = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

/// 2026-11-20T21:27:37Z.
let noon = Timestamp(epochSeconds: 1_795_210_057)

/// A task token that says what it wants.
func token(_ text: String) -> String {
    Data(text.utf8).base64EncodedString()
}

/// A call as a client makes it; each test changes what it is about.
struct Call {
    var target = "SimpleWorkflowService.RecordActivityTaskHeartbeat"
    var contentType = "application/x-amz-json-1.0"
    var host = "swf.us-east-1.amazonaws.com"
    var body: String
    var region = "us-east-1"
    var service = "swf"
    var key: Credentials? = exampleKey
    var time = noon

    init(token: String) {
        body = #"{"taskToken": "\#(token)"}"#
    }

    init(body: String) {
        self.body = body
    }

    var headers: [(name: String, value: String)] {
        let headers = [(name: "Host", value: host), ("X-Amz-Target", target), ("Content-Type", contentType)]
        guard let key else { return headers }
        var signer = Signer(region: region, service: service, hash: .libcrypto)
        let request = SignableRequest(method: "POST", headers: headers, body: Array(body.utf8))
        return headers + signer.sign(request, with: key, at: time)
    }

    var request: Request {
        Request(method: .post, path: Array("/".utf8), fields: Fields(headers), body: Array(body.utf8))
    }
}

extension Fields {
    init(_ lines: [(name: String, value: String)]) {
        var bytes: [UInt8] = []
        var entries: [Entry] = []
        for (name, value) in lines {
            let start = bytes.count
            bytes += name.utf8
            let middle = bytes.count
            bytes += value.utf8
            entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
        }
        self.init(bytes: bytes, entries: entries)
    }
}

extension Answer {
    var text: String? {
        guard case .response(_, _, let body) = content else { return nil }
        return String(decoding: body, as: UTF8.self)
    }

    var fields: [String: String] {
        guard case .response(_, let fields, _) = content else { return [:] }
        return fields
    }
}
