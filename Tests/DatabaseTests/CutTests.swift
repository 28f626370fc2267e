import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CutTests {
    /// Which end of a statement the connection is cut at.
    enum Moment: CaseIterable {
        /// The server has half of it.
        case statement
        /// The server has done it, and the client does not know.
        case answer
    }

    @Test(arguments: Moment.allCases)
    func `a row whose statement was cut is sent again, and is there once`(moment: Moment) throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let victims = Mutex<Set<Int>>([])
        let proxy = try CuttingProxy(to: database.server.port) { chunk in
            switch (moment, chunk.direction) {
            case (.statement, .toServer) where chunk.contains("victim"):
                // Not when it comes again.
                let isFirst = victims.withLock { victims in
                    victims.isEmpty && victims.insert(chunk.connection).inserted
                }
                return isFirst ? .cut(after: chunk.bytes.count / 2) : .forward
            case (.answer, .toServer) where chunk.contains("victim"):
                victims.withLock { victims in
                    if victims.isEmpty { victims.insert(chunk.connection) }
                }
                return .forward
            case (.answer, .toClient) where victims.withLock { $0.contains(chunk.connection) }:
                return .cut(after: 0)
            default:
                return .forward
            }
        }
        let stage = try Stage("host=127.0.0.1 port=\(proxy.port) user=postgres dbname=\(database.name)")
        #expect(try stage.heartbeat("before").status == 200)
        let connections = proxy.connectionsOpened
        #expect(try stage.heartbeat("victim").status == 200)
        #expect(try stage.heartbeat("after").status == 200)
        #expect(proxy.connectionsOpened > connections)
        #expect(victims.withLock { $0.count } == 1)
        #expect(try database.auditRows() == ["before": 1, "victim": 1, "after": 1])
    }

    @Test func `with connections cut all the time no answered row is missing, and none is there twice`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let answers = Atomic<Int>(0)
        let proxy = try CuttingProxy(to: database.server.port) { chunk in
            // The service's statements alone, not those by which it looks for its tables.
            guard chunk.direction == .toClient, chunk.contains("INSERT 0 "), !chunk.contains("INSERT 0 0\0") else {
                return .forward
            }
            return answers.add(1, ordering: .relaxed).newValue.isMultiple(of: 5) ? .cut(after: 0) : .forward
        }
        let stage = try Stage(
            "host=127.0.0.1 port=\(proxy.port) user=postgres dbname=\(database.name)", eventLoops: 2)
        let callers = Callers(4, of: stage)
        for _ in 0..<2 {
            try callers.awaitSuccesses(10)
            proxy.cut()
        }
        let statuses = callers.finish()
        let rows = try database.auditRows()
        #expect(answers.load(ordering: .relaxed) >= 5)
        #expect(statuses.keys.filter { statuses[$0] == 200 && rows[$0] != 1 } == [])
        #expect(rows.filter { $0.value != 1 }.isEmpty)
    }
}
