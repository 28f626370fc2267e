import Foundation
import TestSupport

/// One call whose token and answer are its own: an answer to another call is told from the right one.
struct Heartbeat {
    /// Only `[A-Za-z0-9._-]`, so that the service keeps it.
    let id: String
    let wantsCancel: Bool
    let form: Form

    /// How the task token is written.
    enum Form: CaseIterable {
        case bare
        case slashEncoded
        case encoded
        case encodedInLowerCase
        case inBody

        static func of(_ number: Int) -> Form {
            allCases[number % allCases.count]
        }
    }

    init(_ number: Int, of caller: String) {
        id = "\(caller).\(number)"
        wantsCancel = number.isMultiple(of: 3)
        form = Form.of(number)
    }

    /// Eight slashes on end and four plus signs; equals signs as the id's length has it.
    private static let awkward: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFB, 0xEF, 0xBE]

    /// What the simulator answers as the word says. The words' lengths keep `awkward` at a multiple of three.
    private var token: String {
        Data(Array((wantsCancel ? "cancel###" : "ok#").utf8) + Self.awkward + Array(id.utf8)).base64EncodedString()
    }

    /// Counts the rows whose hash is that of the token that belongs to their request's id.
    static let trueRows = """
        SELECT count(*) FROM heartbeat_audit WHERE status = 200 AND task_token_sha256 = sha256(convert_to(replace(
        encode(convert_to(CASE WHEN cancel_requested THEN 'cancel###' ELSE 'ok#' END, 'UTF8')
        || '\\x\(awkward.map { String($0, radix: 16) }.joined())'::bytea
        || convert_to(request_id, 'UTF8'), 'base64'), E'\\n', ''), 'UTF8'))
        """

    private var target: String {
        switch form {
        case .bare: "/tasks/\(token)/heartbeat"
        case .slashEncoded: "/tasks/\(token.replacingOccurrences(of: "/", with: "%2F"))/heartbeat"
        case .encoded: "/tasks/\(encoded)/heartbeat"
        case .encodedInLowerCase: "/tasks/\(encoded.lowercased(after: "%"))/heartbeat"
        case .inBody: "/tasks/heartbeat"
        }
    }

    private var encoded: String {
        [("/", "%2F"), ("+", "%2B"), ("=", "%3D")].reduce(token) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }

    /// - Throws: what is wrong with the answer.
    func send(over client: RawHTTPClient) throws -> HTTPResponse {
        let body = form == .inBody ? "{\"taskToken\":\"\(token)\",\"details\":\"50%\"}" : "{\"details\":\"50%\"}"
        let headers = [
            (name: "Authorization", value: "Bearer \(Cluster.key)"), (name: "X-Request-Id", value: id),
            (name: "Content-Type", value: "application/json"),
        ]
        let answer = try client.post(target, headers: headers, body: body)
        guard answer.status == 200, answer.text == "{\"cancelRequested\":\(wantsCancel)}", answer["X-Request-Id"] == id
        else { throw SupportError("\(answer.status) \(answer.headers) \(answer.text)") }
        return answer
    }
}

extension String {
    /// The two characters after each `mark` in lower case.
    fileprivate func lowercased(after mark: Character) -> String {
        split(separator: mark, omittingEmptySubsequences: false).enumerated()
            .map { $0.offset == 0 ? String($0.element) : $0.element.prefix(2).lowercased() + $0.element.dropFirst(2) }
            .joined(separator: String(mark))
    }
}
