import Heartbeat
import JSON

/// A document that is accepted keeps its meaning once written out compactly; a body's parts keep their limits.
@Sendable func checkJSON(_ input: [UInt8]) throws(Violation) {
    if let members = try? JSON.members(of: input) {
        let text = writtenOut(members)
        let again = try? JSON.members(of: Array(text.utf8))
        try require(again == members, "another document once written out")
        try require(writtenOut(again ?? []) == text, "it is not the same twice")
        try require(isDistinct(members.map { Array($0.name.utf8) }), "a name twice")
        // Every proper beginning of a document is none.
        if let brace = input.lastIndex(of: UInt8(ascii: "}")) {
            try require((try? JSON.members(of: Array(input[..<brace]))) == nil, "half a document")
        }
    } else {
        try require(
            (try? HeartbeatBody(input, carriesToken: false)) == nil || HeartbeatBody.isNothing(input),
            "a body that is no JSON")
    }
    for carriesToken in [false, true] { try checkBody(input, carriesToken: carriesToken) }
}

private func checkBody(_ input: [UInt8], carriesToken: Bool) throws(Violation) {
    let result = Result { () throws(Problem) in try HeartbeatBody(input, carriesToken: carriesToken) }
    switch result {
    case .success(let body):
        let details = body.details ?? ""
        try require(
            details.utf16.count <= HeartbeatBody.detailsCharactersMax
                && details.unicodeScalars.count <= HeartbeatBody.detailsCharactersMax, "details beyond their limit")
        try require((body.taskToken != nil) == carriesToken, "a token where there is none, or none where it is")
    case .failure(let problem):
        try require(problem.code == .invalidRequest, "\(problem.code)")
    }
}

private func writtenOut(_ members: [JSONMember]) -> String {
    let texts = members.map { member in
        let value =
            switch member.value {
            case .string(let text): JSON.quoted(text)
            case .bool(let bool): "\(bool)"
            case .null: "null"
            case .other(let compact): compact
            }
        return "\(JSON.quoted(member.name)):\(value)"
    }
    return "{\(texts.joined(separator: ","))}"
}

private func isDistinct(_ names: [[UInt8]]) -> Bool {
    Set(names).count == names.count
}
