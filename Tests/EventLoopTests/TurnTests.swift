import EventLoop
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TurnTests {
    @Test func `the end of a turn comes once for each who asks, after the jobs of the turn`() throws {
        let entries = try EventLoop.run { loop in
            let log = Log()
            let handler = EndLogger(log)
            for number in 0..<3 {
                loop.spawn {
                    log.add(number)
                    if number < 2 { loop.callAtTurnEnd(handler) }
                }
            }
            await turn(loop)
            await turn(loop)
            return log.entries
        }
        #expect(entries == [0, 1, 2, EndLogger.entry, EndLogger.entry])
    }

    @Test func `who asks at the end of a turn has the end of the next one, which is not waited for`() throws {
        let entries = try EventLoop.run { loop in
            let log = Log()
            let handler = EndLogger(log)
            handler.next = {
                handler.next = nil
                loop.callAtTurnEnd(handler)
                loop.spawn { log.add(1) }
            }
            loop.callAtTurnEnd(handler)
            await turn(loop)
            return log.entries
        }
        #expect(entries == [EndLogger.entry, 1, EndLogger.entry])
    }
}

private final class EndLogger: TurnEndHandler {
    static let entry = -1
    private let log: Log
    var next: (() -> Void)?

    init(_ log: Log) {
        self.log = log
    }

    func turnEnded() {
        log.add(Self.entry)
        next?()
    }
}
