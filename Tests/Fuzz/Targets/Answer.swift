import Heartbeat
import JSON
import SWF
import SigningClient

/// SWF's answer: the input's first line is the status and the error type's field, if any, the rest the body.
///
/// Whatever it is, what is taken from it can go into a row and a log, and has a code of the catalogue. The body, taken
/// as text, also serves as what goes to SWF.
@Sendable func checkAnswer(_ input: [UInt8]) throws(Violation) {
    let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
    let line = String(decoding: input[..<end], as: UTF8.self).split(separator: " ", maxSplits: 1)
    let body = Array(input[end...].dropFirst())
    let answer = Answer(
        status: line.first.flatMap { Int($0) } ?? 200,
        headers: AnswerHeaders(line.dropFirst().map { ("x-amzn-ErrorType", String($0)) }), body: body)
    switch RecordActivityTaskHeartbeat.result(of: answer) {
    case .success:
        try require(answer.status == 200, "success out of \(answer.status)")
        try require((try? JSON.members(of: body)) != nil, "success without JSON")
    case .failure(let failure):
        let code = ErrorCode(UpstreamFailure(failure))
        try require((400...599).contains(code.status), "\(code)")
        if case .fault(let fault) = failure {
            try require(answer.status != 200 && fault.status == answer.status, "another status")
            try require(fault.type.map(isName) ?? true, "a type that is no name: \(fault.type ?? "")")
        }
    }
    try checkRequestBody(String(decoding: body, as: UTF8.self))
}

private func isName(_ type: String) -> Bool {
    (1...100).contains(type.utf8.count)
        && type.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2E || byte == 0x5F
        }
}

private func checkRequestBody(_ text: String) throws(Violation) {
    let request = RecordActivityTaskHeartbeat(taskToken: text, details: text).body
    let expected = [
        JSONMember(name: "taskToken", value: .string(text)), JSONMember(name: "details", value: .string(text)),
    ]
    try require((try? JSON.members(of: request)) == expected, "SWF is sent something else")
}
