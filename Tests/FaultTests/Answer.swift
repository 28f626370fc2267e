import Foundation
import TestSupport

/// What a driver keeps of an answer.
struct Answer: Equatable {
    var status: Int
    /// `recorded`, the problem's code, or `ofBalancer`.
    var outcome: String
    /// nil in a problem.
    var cancelRequested: Bool?
    var isLast: Bool
    /// How long the caller is asked to wait.
    var retryAfter: Duration?

    /// Whether the caller may send its heartbeat again.
    var isRetryable: Bool { status == 429 || status >= 500 }

    /// Whether the answer says that its row is kept.
    var isPromise: Bool { !Self.refusals.contains(outcome) }

    /// Answers with these promise nothing about a row.
    static let refusals = ["audit_unavailable", "overloaded", ofBalancer]

    static let recorded = "recorded"
    /// A balancer answers itself where it got no answer, or has nobody to ask.
    static let ofBalancer = "of_balancer"
}

extension Answer {
    /// - Parameter bytes: a zero byte follows them.
    /// - Returns: nil where bytes are missing, else the answer and how many bytes it took.
    /// - Throws: where it is no answer to the request of that id.
    static func parse(_ bytes: UnsafeRawBufferPointer, to id: String) throws -> (answer: Answer, used: Int)? {
        guard let headEnd = bytes.offset(of: "\r\n\r\n") else { return nil }
        let head = UnsafeRawBufferPointer(rebasing: bytes[..<(headEnd + 2)])
        func malformed() -> SupportError { SupportError("\(id) got \(String(decoding: bytes, as: UTF8.self))") }
        guard let status = head.number(after: "HTTP/1.1 "), let length = head.number(after: "\r\nContent-Length: ")
        else { throw malformed() }
        let used = headEnd + 4 + length
        guard bytes.count >= used else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: bytes[(headEnd + 4)..<used])
        var answer = Answer(status: status, outcome: recorded, isLast: head.has("\r\nConnection: close\r\n"))
        answer.retryAfter = head.number(after: "\r\nRetry-After: ").map { .seconds($0) }
        guard head.has("\r\nX-Request-Id: \(id)\r\n") else {
            guard (502...504).contains(status), !head.has("\r\nX-Request-Id:") else { throw malformed() }
            answer.outcome = ofBalancer
            return (answer, used)
        }
        if status == 200 {
            let isCancel = body.elementsEqual(#"{"cancelRequested":true}"#.utf8)
            guard isCancel || body.elementsEqual(#"{"cancelRequested":false}"#.utf8) else { throw malformed() }
            answer.cancelRequested = isCancel
            return (answer, used)
        }
        guard let code = body.text(after: #""code":""#, upTo: UInt8(ascii: "\"")) else { throw malformed() }
        answer.outcome = code
        return (answer, used)
    }
}

extension UnsafeRawBufferPointer {
    /// As written, or in lower case: as HAProxy passes names of fields on.
    ///
    /// By strstr(3): it is called for each answer, and this build is not optimised.
    fileprivate func offset(of text: String) -> Int? {
        exactOffset(of: text) ?? exactOffset(of: text.lowercased())
    }

    private func exactOffset(of text: String) -> Int? {
        guard let baseAddress, let found = strstr(baseAddress.assumingMemoryBound(to: CChar.self), text) else {
            return nil
        }
        let offset = UnsafeRawPointer(found) - baseAddress
        return offset + text.utf8.count <= count ? offset : nil
    }

    fileprivate func has(_ text: String) -> Bool { offset(of: text) != nil }

    /// The decimal number behind the first `label`.
    fileprivate func number(after label: String) -> Int? {
        guard let start = offset(of: label) else { return nil }
        let digits = self[(start + label.utf8.count)...].prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    fileprivate func text(after label: String, upTo end: UInt8) -> String? {
        guard let start = offset(of: label) else { return nil }
        return String(decoding: self[(start + label.utf8.count)...].prefix { $0 != end }, as: UTF8.self)
    }
}
