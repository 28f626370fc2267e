/// A statement that the server refused, or a connection that cannot be had or is gone.
package struct PostgreSQLError: Error, Equatable, CustomStringConvertible {
    /// Five characters (PostgreSQL documentation, Appendix A); nil where the error is not the server's.
    package let sqlState: String?
    /// One or more lines in English or the server's language. Neither a password nor a column's value: of a server's
    /// error this is the primary message alone, since its detail may quote the row.
    package let message: String
    /// The constraint's name, where one that has a name was violated.
    package let constraint: String?
    /// Whether the connection is of no further use.
    package let isConnectionLost: Bool

    package init(sqlState: String? = nil, message: String, constraint: String? = nil, isConnectionLost: Bool) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.isConnectionLost = isConnectionLost
    }

    /// The first two characters of the SQLSTATE.
    package var sqlStateClass: Substring? { sqlState?.prefix(2) }

    package var description: String {
        sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message
    }

    /// Another connection may fare better: to the primary after a failover, to a server that is up again. Of the failed
    /// statement nothing was committed, unless the connection was lost: then that is not known.
    package var callsForAnotherConnection: Bool {
        if isConnectionLost || sqlStateClass == Class.connectionException { return true }
        // Whoever cancels a statement, such as the server past its `statement_timeout`, leaves the connection whole.
        if sqlStateClass == Class.operatorIntervention { return !isCanceled }
        return sqlState == State.readOnlyTransaction
    }

    /// The transaction was rolled back for the sake of another one: the same statement again, at once, may pass.
    package var isRolledBackForAnother: Bool { sqlStateClass == Class.transactionRollback }

    /// By the server's `statement_timeout`, or by an administrator.
    package var isCanceled: Bool { sqlState == State.queryCanceled }

    /// The server ended a session that had nothing to do, by its `idle_session_timeout`: it is up, and takes new ones.
    var isEndOfIdleSession: Bool { sqlState == State.idleSessionTimeout }

    /// The session has no statement of the name, or has one already: it is not only this connection's.
    var isAboutPreparing: Bool {
        sqlState == State.invalidStatementName || sqlState == State.duplicatePreparedStatement
    }

    private enum Class {
        static let connectionException: Substring = "08"
        static let transactionRollback: Substring = "40"
        static let operatorIntervention: Substring = "57"
    }

    private enum State {
        static let readOnlyTransaction = "25006"
        static let invalidStatementName = "26000"
        static let duplicatePreparedStatement = "42P05"
        static let queryCanceled = "57014"
        static let idleSessionTimeout = "57P05"
    }

    static let closed = PostgreSQLError(message: "the connection has been closed", isConnectionLost: true)

    /// The same error, with the connection lost by it.
    var losingConnection: PostgreSQLError {
        PostgreSQLError(sqlState: sqlState, message: message, isConnectionLost: true)
    }
}
