/// One thing to be done to the database, whole or not at all.
package struct MigrationStep: Sendable, Equatable {
    enum Mode: Sendable, Equatable {
        /// In one transaction. Its locks hold up nobody who writes rows, and may be waited for.
        case transaction
        /// In one transaction, whose locks hold up those who write rows, and which gives up soon where it does not get
        /// them: whoever writes waits in the line behind it.
        case briefTransaction
        /// By itself, as PostgreSQL demands.
        case alone
    }

    /// Attaching a partition waits for whoever reads the default one, and meanwhile new readers wait for it.
    private static let lockTimeoutMilliseconds = 5000
    /// A small part of the time that an answer waits for its row.
    private static let briefLockTimeoutMilliseconds = 100

    /// In the imperative and a few words.
    package let title: String
    let statements: [String]
    let mode: Mode
    /// Whether rows have no good place to go before it is done.
    let isUrgent: Bool

    init(_ title: String, _ statements: [String], mode: Mode = .transaction, isUrgent: Bool = false) {
        self.title = title
        self.statements = statements
        self.mode = mode
        self.isUrgent = isUrgent
    }

    /// What is sent to the server, in order.
    var commands: [String] {
        let timeout: Int
        switch mode {
        case .alone: return statements
        case .transaction: timeout = Self.lockTimeoutMilliseconds
        case .briefTransaction: timeout = Self.briefLockTimeoutMilliseconds
        }
        // Nothing outlives the transaction, whoever's connection a pooler lends for it.
        return ["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL lock_timeout = \(timeout)"]
            + ["SET LOCAL statement_timeout = 0"] + statements + ["COMMIT"]
    }

    /// For psql.
    package var sql: String {
        "-- \(title)\n" + commands.map { "\($0);\n" }.joined()
    }
}
