import HTTP
import SigV4

/// SWF's side of the call as a value: requests go in, answers come out.
struct Endpoint {
    private var signatures: SignatureCheck
    private var script: Script
    private(set) var log = CallLog()

    static let target = "SimpleWorkflowService.RecordActivityTaskHeartbeat"
    static let operation = "RecordActivityTaskHeartbeat"
    static let contentType = "application/x-amz-json-1.0"

    init(region: String, credentials: [Credentials], script: Script) {
        signatures = SignatureCheck(region: region, credentials: credentials)
        self.script = script
    }

    /// - Parameter requestID: goes into the log.
    mutating func answer(_ request: Request, requestID: String, at now: Timestamp) -> Answer {
        let isKnown = request.fields["x-amz-target"] == Self.target
        let input = Result { () throws(Fault) in try HeartbeatInput(json: request.body) }
        let answer: Answer
        do throws(Fault) {
            guard isKnown, request.hasContentType(Self.contentType) else { throw .unknownOperation }
            try signatures.check(request, at: now)
            let token = try input.get().taskToken
            answer = script.next(for: token) ?? Words.answer(forToken: token) ?? Self.otherwise
        } catch {
            answer = Answer(error)
        }
        let received = try? input.get()
        log.add(
            CallLog.Call(
                operation: isKnown ? Self.operation : "other", taskToken: received?.taskToken,
                details: received?.details, headers: request.fields.joined, answer: answer.kind,
                status: answer.status, requestID: requestID))
        return answer
    }

    mutating func connectionsChanged(open: Int) {
        log.connectionsChanged(open: open)
    }

    mutating func forgetCalls() {
        log.reset()
    }

    private static let otherwise = Answer.success(kind: "ok", cancelRequested: false)
}

extension Answer {
    /// nil where none is sent.
    var status: Int? {
        guard case .response(let status, _, _) = content else { return nil }
        return status
    }
}

extension Request {
    /// Parameters aside.
    fileprivate func hasContentType(_ expected: String) -> Bool {
        let value = fields["content-type"]?.prefix { $0 != ";" && $0 != " " } ?? ""
        return value.lowercased() == expected
    }
}

extension Fields {
    fileprivate var joined: [String: String] {
        Dictionary(all.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" }
    }
}
