import Foundation
import TestSupport
import Testing

/// The promise under every fault that can be staged: no answer without its row, no row twice, none lost.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct FaultTests {}

/// How long the scenes are: `make soak` has the long ones.
enum Scale {
    static let isLong = ProcessInfo.processInfo.environment["HEARTBEAT_TEST_SOAK"] != nil

    static func rounds(short: Int, long: Int) -> Int { isLong ? long : short }

    /// Tells what the long form has seen, at once: it goes on for long.
    static func report(_ text: String) {
        guard isLong else { return }
        print(text)
        fflush(nil)
    }

    /// A stretch of answers.
    static let answers = isLong ? 5000 : 200
    /// Between two faults that leave nothing broken.
    static let few = isLong ? 500 : 50
}

extension Scene {
    /// While PostgreSQL does not answer: lets heartbeats come to their end, which is a good one where there is a spool.
    func waitWhileAway(sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard spooling == .with else { return try driver.wait(for: Scale.few, more: .refused) }
        // Until it is known to be away.
        try driver.wait(for: Scale.few, more: .promised)
        let refused = driver.log.tally.refused
        try driver.wait(for: Scale.answers, more: .promised)
        #expect(driver.log.tally.refused == refused, "the spool is there", sourceLocation: sourceLocation)
    }

    /// Ends the scene.
    func expectKept(
        in database: PrivatePostgreSQL.Database? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let verdict = try finish(in: database)
        #expect(verdict.isKept, "\(verdict)", sourceLocation: sourceLocation)
        Scale.report("\(Test.current?.displayName ?? ""), \(spooling) a spool: \(verdict)")
    }
}
