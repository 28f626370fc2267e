import Testing

@testable import swf_simulator

struct CallLogTests {
    private static func call(_ number: Int) -> CallLog.Call {
        CallLog.Call(
            operation: "O", taskToken: "\(number)", details: nil, headers: ["host": "h"], answer: "ok", status: 200,
            requestID: "R")
    }

    @Test func `counts go on where the last calls alone are kept`() {
        var log = CallLog()
        for number in 1...(CallLog.callsMax + 5) { log.add(Self.call(number)) }
        #expect(log.total == CallLog.callsMax + 5)
        #expect(log.byAnswer == ["ok": CallLog.callsMax + 5])
        #expect(log.calls.count == CallLog.callsMax)
        #expect(log.calls.first?.taskToken == "6")
        #expect(log.last?.taskToken == "\(CallLog.callsMax + 5)")
    }

    @Test func `connections are counted as they come, and a reset leaves them`() {
        var log = CallLog()
        for open in [1, 2, 2, 1, 2, 0] { log.connectionsChanged(open: open) }
        log.reset()
        #expect(log.connections.accepted == 3)
        #expect(log.connections.open == 0)
    }

    @Test func `tells all of it as JSON`() {
        var log = CallLog()
        #expect(
            String(decoding: jsonText(log), as: UTF8.self) == """
                {"byAnswer":{},"byOperation":{},"calls":[],"connections":{"accepted":0,"open":0},"last":null,"total":0}
                """)
        log.add(Self.call(1))
        let call =
            #"{"answer":"ok","headers":{"host":"h"},"operation":"O","requestID":"R","status":200,"taskToken":"1"}"#
        #expect(
            String(decoding: jsonText(log), as: UTF8.self) == """
                {"byAnswer":{"ok":1},"byOperation":{"O":1},"calls":[\(call)],\
                "connections":{"accepted":0,"open":0},"last":\(call),"total":1}
                """)
    }
}
