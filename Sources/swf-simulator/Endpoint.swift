import HTTP
import Heartbeat
import SigV4

/// SWF's side of the call as a value: requests go in, answers come out.
struct Endpoint {
    private var signatures: SignatureCheck
    private var script: Script
    private var tasks: OpenTasks
    private(set) var log = CallLog()

    static let contentType = "application/x-amz-json-1.0"

    init(
        region: String, credentials: [Credentials], skewFault: SkewFault = .invalidSignature, script: Script,
        tasks: OpenTasks = OpenTasks()
    ) {
        signatures = SignatureCheck(region: region, credentials: credentials, skewFault: skewFault)
        self.script = script
        self.tasks = tasks
    }

    /// - Parameters:
    ///   - requestID: goes into the log.
    ///   - now: the time that signatures are judged by.
    ///   - instant: the time that heartbeats are counted by.
    mutating func answer(
        _ request: Request, requestID: String, at now: Timestamp, _ instant: Moment = .now
    ) -> Answer {
        let operation = Operation(target: request.fields["x-amz-target"])
        let input = Result { () throws(Fault) in
            try TaskInput(json: request.body, of: operation ?? .recordHeartbeat)
        }
        let answer: Answer
        do throws(Fault) {
            guard let operation, request.hasContentType(Self.contentType) else { throw .unknownOperation }
            try signatures.check(request, at: now)
            answer = try self.answer(operation, for: input.get().taskToken, at: instant)
        } catch {
            answer = Answer(error)
        }
        let received = try? input.get()
        log.add(
            CallLog.Call(
                operation: operation?.rawValue ?? "other", taskToken: received?.taskToken,
                details: received?.details, headers: request.fields.joined, answer: answer.kind,
                status: answer.status, requestID: requestID))
        return answer
    }

    private mutating func answer(
        _ operation: Operation, for token: String, at instant: Moment
    ) throws(Fault) -> Answer {
        switch operation {
        case .recordHeartbeat: try tasks.heartbeat(token, at: instant)
        case .respondCanceled: try tasks.checkIsOpen(token)
        }
        let requested = tasks.isCancelRequested(of: token) ? Self.cancelRequested : nil
        let answer = script.next(for: token, operation) ?? requested ?? Words.answer(forToken: token) ?? Self.otherwise
        if operation == .respondCanceled, answer.status == 200 { tasks.close(token) }
        return answer.asAnswer(to: operation)
    }

    mutating func connectionsChanged(open: Int) {
        log.connectionsChanged(open: open)
    }

    mutating func beginTasks(_ tokens: [String], at instant: Moment) {
        for token in tokens { tasks.begin(token, at: instant) }
    }

    mutating func requestCancellations(of tokens: [String]) {
        for token in tokens { tasks.requestCancellation(of: token) }
    }

    func taskCounts(at instant: Moment) -> OpenTasks.Counts { tasks.counts(at: instant) }

    mutating func forgetCalls() {
        log.reset()
    }

    private static let cancelRequested = Answer.success(kind: "cancel", cancelRequested: true)
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
