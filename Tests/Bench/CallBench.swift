import AWSConfiguration
import EventLoop
import Heartbeat
import SWF
import SigV4
import SigningClient
import TestSupport

/// A heartbeat's call of SWF: what signs it, sends it and reads its answer, and a caller's loop. The stand-in for SWF
/// is on threads of its own.
@Sendable func benchCall(on loop: EventLoop) async throws {
    let body = #"{"cancelRequested":false}"#
    let fields = [
        "HTTP/1.1 200 OK", "x-amzn-RequestId: e08622cd-3ff5-11e1-9b11-7182192d0b57",
        "Content-Type: application/x-amz-json-1.0", "Content-Length: \(body.utf8.count)",
        "Date: Mon, 16 Jan 2012 00:44:59 GMT",
    ]
    let answer = fields.joined(separator: "\r\n") + "\r\n\r\n" + body
    let server = try StubServer { _ in [.send(answer)] }
    let environment = try AWSEnvironment(["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_SWF": server.url])
    let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "example+secret/key")
    let client = SigningClient(
        try environment.configuration(for: .swf), credentials: StaticCredentials(credentials), on: loop)
    for count in [1, 32] {
        try await measure("call, \(count) at a time", 9, perCall: 2000) { _ in
            let crowd = CallCrowd(SWFService(client: client), on: loop)
            guard await crowd.run(count, calls: 2000) else { throw BenchError(description: "a call failed") }
        }
    }
}

/// Makes one call after the other, so many at a time.
private final class CallCrowd {
    private let service: SWFService
    private let loop: EventLoop
    private let ended: Wakeup
    private var callsLeft = 0
    private var running = 0
    private var allSucceeded = true

    init(_ service: SWFService, on loop: EventLoop) {
        self.service = service
        self.loop = loop
        ended = Wakeup(on: loop)
    }

    func run(_ count: Int, calls: Int) async -> Bool {
        (callsLeft, running) = (calls, count)
        let text = String(repeating: "AAAAKgAAAAEAAAAAAAAAA3x5", count: 22)
        guard let token = try? TaskToken(percentEncoded: Array(text.utf8)[...]) else { return false }
        for _ in 0..<count {
            loop.spawn {
                while self.callsLeft > 0 {
                    self.callsLeft -= 1
                    let relay = await self.service.recordHeartbeat(
                        taskToken: token, details: "42 of 100", deadline: .now + .seconds(60), admission: NoAdmission())
                    if case .failure = relay.outcome { self.allSucceeded = false }
                }
                self.running -= 1
                if self.running == 0 { self.ended.signal() }
            }
        }
        await ended.wait()
        return allSucceeded
    }
}
