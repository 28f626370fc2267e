import FoundationEssentials

extension Script {
    static let fileBytesMax = 1 << 20

    /// Reads `[{"token": "…", "answers": [{"kind": "throttle", "latencyMs": 20}, {"status": 500, …}]}]`.
    /// - Throws: what is wrong with it, and where.
    init(json: [UInt8]) throws(ScriptFault) {
        do {
            let rules = try JSONDecoder().decode([RuleForm].self, from: Data(json))
            self.init(rules: rules.map(\.rule))
        } catch let error as DecodingError {
            throw ScriptFault(error)
        } catch {
            throw ScriptFault(description: "\(error)")
        }
    }
}

struct ScriptFault: Error, CustomStringConvertible {
    let description: String

    fileprivate init(description: String) {
        self.description = description
    }

    fileprivate init(_ error: DecodingError) {
        let (what, context) =
            switch error {
            case .keyNotFound(let key, let context): ("\(key.stringValue) is missing", context)
            case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
                (context.debugDescription, context)
            @unknown default: ("not readable", DecodingError.Context(codingPath: [], debugDescription: ""))
            }
        let place = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        description = place.isEmpty ? what : "\(place): \(what)"
    }
}

private struct RuleForm: Decodable {
    let rule: Script.Rule

    enum Member: String, CodingKey {
        case token, operation, answers
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        let token = try members.decode(String.self, forKey: .token)
        let answers = try members.decode([AnswerForm].self, forKey: .answers)
        guard !answers.isEmpty else {
            throw DecodingError.dataCorruptedError(forKey: .answers, in: members, debugDescription: "there are none")
        }
        let name = try members.decodeIfPresent(String.self, forKey: .operation)
        let operation = name.flatMap(Operation.init(rawValue:))
        guard name == nil || operation != nil else {
            throw DecodingError.dataCorruptedError(
                forKey: .operation, in: members, debugDescription: "there is no such operation here")
        }
        rule = Script.Rule(token: token == "*" ? nil : token, operation: operation, answers: answers.map(\.answer))
    }
}

private struct AnswerForm: Decodable {
    let answer: Answer

    enum Member: String, CodingKey {
        case kind, status, headers, body, latencyMs
    }

    private static let serversHeaders: Set = ["connection", "content-length", "date", "transfer-encoding"]

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        func fail(_ member: Member, _ what: String) -> DecodingError {
            .dataCorruptedError(forKey: member, in: members, debugDescription: what)
        }
        var answer: Answer
        if let kind = try members.decodeIfPresent(String.self, forKey: .kind) {
            guard members.allKeys.allSatisfy({ $0 == .kind || $0 == .latencyMs }) else {
                throw fail(.kind, "excludes status, headers and body")
            }
            guard let named = Words.answer(for: kind) else { throw fail(.kind, "there is no such answer") }
            answer = named
        } else {
            let status = try members.decode(Int.self, forKey: .status)
            guard (200...599).contains(status) else { throw fail(.status, "not 200 to 599") }
            let headers = try members.decodeIfPresent([String: String].self, forKey: .headers) ?? [:]
            if let own = headers.keys.first(where: { Self.serversHeaders.contains($0.lowercased()) }) {
                throw fail(.headers, "\(own) is the server's to send")
            }
            answer = Answer(
                kind: "raw", status: status, fields: headers,
                body: try members.decodeIfPresent(String.self, forKey: .body) ?? "")
        }
        if let milliseconds = try members.decodeIfPresent(Int.self, forKey: .latencyMs) {
            guard let latency = Words.latency(milliseconds: milliseconds) else {
                throw fail(.latencyMs, "not 0 to 300000")
            }
            answer.latency = latency
        }
        self.answer = answer
    }
}

private struct AnyMember: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The members of an object that has no others: a misspelt one would be passed over in silence.
    fileprivate func members<Member: CodingKey>(_: Member.Type) throws -> KeyedDecodingContainer<Member> {
        let all = try container(keyedBy: AnyMember.self)
        for member in all.allKeys where Member(stringValue: member.stringValue) == nil {
            throw DecodingError.dataCorruptedError(forKey: member, in: all, debugDescription: "there is no such member")
        }
        return try container(keyedBy: Member.self)
    }
}
