import TestSupport

/// Whether the rows are what the answers say.
struct Verdict: CustomStringConvertible {
    /// Against the promise: in each direction, and what it says of an example.
    struct Fault: Equatable {
        enum Kind: String, CaseIterable {
            /// Promised, and not there.
            case missing
            /// There more than once; where calls may be repeated, more than once with the same time.
            case duplicated
            /// There, and says something else than the answer; where calls may be repeated, each of its rows does.
            case disagreeing
            /// There, and nobody sent such a heartbeat.
            case unknown
        }

        var kind: Kind
        var count: Int
        /// The first few, each with its answer and its rows.
        var examples: String
    }

    var tally: AnswerLog.Tally
    var rows: Int
    var faults: [Fault]

    var isKept: Bool { faults.isEmpty && tally.violations.isEmpty }

    var description: String {
        let counts =
            "\(tally.promised) promised, \(tally.refused) refused, \(tally.unanswered) unanswered, "
            + "\(tally.repeated) sent again; \(rows) rows"
        let faults = faults.map { "\n\($0.count) \($0.kind):\n\($0.examples)" }.joined()
        return counts + faults + tally.violations.map { "\nviolation: \($0)" }.joined()
    }
}

extension Verdict {
    private static let examplesMax = 5

    /// Compares all rows of the prefix with all answers, in the database.
    init(
        _ driver: LoadDriver, in database: PrivatePostgreSQL.Database, mayRepeat: Bool = false
    ) throws {
        try self.init(
            answers: driver.log.path, tally: driver.log.tally, prefix: driver.prefix, in: database,
            mayRepeat: mayRepeat)
    }

    /// - Parameters:
    ///   - answers: the file of an `AnswerLog`.
    ///   - mayRepeat: a balancer may have had several instances take one call.
    init(
        answers path: String, tally: AnswerLog.Tally, prefix: String, in database: PrivatePostgreSQL.Database,
        mayRepeat: Bool = false
    ) throws {
        let result = try database.session([
            "CREATE TEMPORARY TABLE answers (request_id text, status smallint, outcome text, cancel_requested boolean)",
            "\\copy answers FROM '\(path)'",
            "CREATE TEMPORARY TABLE rows AS SELECT request_id, count(*) AS count, "
                + "\(mayRepeat ? "count(DISTINCT received_at)" : "1") AS calls, "
                + "array_agg((status, outcome, cancel_requested)::text) AS contents, "
                + "string_agg(concat_ws(' ', id, received_at, status, outcome, instance), '; ') AS shown "
                + "FROM heartbeat_audit WHERE starts_with(request_id, '\(prefix).') GROUP BY request_id",
            "ANALYZE answers", "ANALYZE rows",
            Self.comparison,
        ])
        self.tally = tally
        rows = 0
        faults = []
        for row in result {
            guard row.count == 3, let count = Int(row[1]) else { throw SupportError("psql said \(row)") }
            if let kind = Fault.Kind(rawValue: row[0]) {
                faults.append(Fault(kind: kind, count: count, examples: row[2]))
            } else {
                rows = count
            }
        }
    }

    private static let comparison = """
        WITH judged AS (
            SELECT coalesce(answers.request_id, rows.request_id) AS request_id,
                CASE
                    WHEN rows.count > rows.calls THEN 'duplicated'
                    WHEN answers.request_id IS NULL THEN 'unknown'
                    WHEN answers.status IS NULL OR answers.outcome IN (\(refusals)) THEN NULL
                    WHEN rows.count IS NULL THEN 'missing'
                    WHEN (answers.status, answers.outcome, answers.cancel_requested)::text <> ALL (rows.contents)
                        THEN 'disagreeing'
                END AS fault,
                concat_ws(' ', answers.status, answers.outcome, answers.cancel_requested) AS answer,
                coalesce(rows.shown, 'none') AS shown
            FROM answers FULL JOIN rows USING (request_id)
        ), numbered AS (
            SELECT *, row_number() OVER (PARTITION BY fault ORDER BY request_id) AS number
            FROM judged WHERE fault IS NOT NULL
        )
        SELECT fault, count(*),
            string_agg(format('  %s answered [%s], rows: %s', request_id, answer, shown), E'\\n' ORDER BY number)
                FILTER (WHERE number <= \(examplesMax))
        FROM numbered GROUP BY fault
        UNION ALL SELECT 'rows', coalesce(sum(count), 0), '' FROM rows
        """

    private static let refusals = Answer.refusals.map { "'\($0)'" }.joined(separator: ", ")
}
