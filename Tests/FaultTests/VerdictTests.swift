import TestSupport
import Testing

/// The checker itself.
struct VerdictTests {
    /// As `AnswerLog` writes them, and the rows that are there.
    struct Example: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Status, outcome, cancel requested; of the request `t.1`.
        var answer: String
        /// `request_id, outcome, status, cancel_requested`
        var rows: [String]
        var fault: Verdict.Fault.Kind?
        var mayRepeat = false
    }

    static let recorded = "'t.1', 'recorded', 200, false"
    static let failed = "'t.1', 'upstream_timeout', 504, NULL"

    static let examples = [
        Example(testDescription: "kept", answer: "200\trecorded\tf", rows: [recorded]),
        Example(testDescription: "missing", answer: "200\trecorded\tf", rows: [], fault: .missing),
        Example(
            testDescription: "a problem's row missing", answer: "404\tunknown_task\t\\N", rows: [], fault: .missing),
        Example(
            testDescription: "duplicated", answer: "200\trecorded\tf", rows: [recorded, recorded], fault: .duplicated),
        Example(
            testDescription: "another outcome", answer: "404\tunknown_task\t\\N",
            rows: ["'t.1', 'not_found', 404, NULL"], fault: .disagreeing),
        Example(
            testDescription: "another status", answer: "200\trecorded\tf", rows: ["'t.1', 'recorded', 201, false"],
            fault: .disagreeing),
        Example(
            testDescription: "another cancel", answer: "200\trecorded\tt", rows: [recorded], fault: .disagreeing),
        Example(
            testDescription: "nobody's", answer: "200\trecorded\tf", rows: [recorded, "'t.2', 'recorded', 200, false"],
            fault: .unknown),
        Example(testDescription: "refused, none", answer: "503\taudit_unavailable\t\\N", rows: []),
        Example(testDescription: "refused, one", answer: "503\taudit_unavailable\t\\N", rows: [recorded]),
        Example(testDescription: "overloaded, none", answer: "503\toverloaded\t\\N", rows: []),
        Example(
            testDescription: "refused, two", answer: "503\taudit_unavailable\t\\N", rows: [recorded, recorded],
            fault: .duplicated),
        Example(testDescription: "unanswered, none", answer: "\\N\t\\N\t\\N", rows: []),
        Example(testDescription: "unanswered, one", answer: "\\N\t\\N\t\\N", rows: [recorded]),
        Example(
            testDescription: "unanswered, two", answer: "\\N\t\\N\t\\N", rows: [recorded, recorded],
            fault: .duplicated),
        Example(
            testDescription: "repeated", answer: "200\trecorded\tf", rows: [failed, recorded], mayRepeat: true),
        Example(
            testDescription: "repeated, and neither", answer: "200\trecorded\tt", rows: [failed, recorded],
            fault: .disagreeing, mayRepeat: true),
        Example(
            testDescription: "repeated, missing", answer: "200\trecorded\tf", rows: [], fault: .missing,
            mayRepeat: true),
        Example(
            testDescription: "repeated, one of the rows duplicated", answer: "200\trecorded\tf",
            rows: [failed, recorded, recorded], fault: .duplicated, mayRepeat: true),
        Example(
            testDescription: "another load's", answer: "200\trecorded\tf", rows: [recorded, "'other.1', '', 0, NULL"]),
    ]

    @Test(arguments: examples)
    func `each fault is found, and no other`(example: Example) throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        try database.query(
            """
            CREATE TABLE heartbeat_audit (id serial, received_at timestamptz DEFAULT now(), request_id text,
                outcome text, status smallint, cancel_requested boolean, instance text)
            """)
        for row in example.rows {
            try database.query(
                "INSERT INTO heartbeat_audit (request_id, outcome, status, cancel_requested) VALUES (\(row)); "
                    // Rows that are the same are of one call.
                    + "UPDATE heartbeat_audit SET received_at = 'epoch'::timestamptz + status * interval '1 second'")
        }
        let directory = try TemporaryDirectory()
        let path = try directory.write("t.1\t\(example.answer)\n", to: "answers")
        let verdict = try Verdict(
            answers: path, tally: .init(), prefix: "t", in: database, mayRepeat: example.mayRepeat)
        #expect(verdict.faults.map(\.kind) == (example.fault.map { [$0] } ?? []), "\(verdict)")
        #expect(verdict.faults.allSatisfy { $0.count == 1 && $0.examples.contains("t.") })
        #expect(verdict.isKept == (example.fault == nil))
    }
}
