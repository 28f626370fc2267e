import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PoolerTests {
    @Test func `behind PgBouncer in transaction mode all goes as without it`() throws {
        let server = try PrivatePostgreSQL()
        let pooler = try PgBouncer(before: server, poolSize: 2)
        let stage = try Stage(pooler.connectionString(of: server.database), eventLoops: 3)
        let callers = Callers(6, of: stage)
        try callers.awaitSuccesses(100)
        let answers = callers.finish()
        #expect(answers.values.allSatisfy { $0 == 200 })
        #expect(try server.database.auditRows() == answers.mapValues { _ in 1 })
        // Two sessions for three loops: one of them at the least has found its statement's name taken. It was the last.
        let collisions = server.log.split(separator: "\n").count {
            $0.contains("ERROR:") && $0.contains("prepared statement \"heartbeat_")
        }
        #expect((1...3).contains(collisions))
        #expect(try stage.service.terminate() == .exited(0))
    }
}
