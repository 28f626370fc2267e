/// A statement that the server refused, or a connection that cannot be had or is gone.
package struct PostgreSQLError: Error, Equatable, CustomStringConvertible {
    /// Five characters (PostgreSQL documentation, Appendix A); nil where the error is not the server's.
    package let sqlState: String?
    /// One or more lines in English or the server's language. Neither a password nor a column's value: of a server's
    /// error this is the primary message alone, since its detail may quote the row.
    package let message: String
    /// Whether the connection is of no further use.
    package let isConnectionLost: Bool

    package init(sqlState: String? = nil, message: String, isConnectionLost: Bool) {
        self.sqlState = sqlState
        self.message = message
        self.isConnectionLost = isConnectionLost
    }

    /// The first two characters of the SQLSTATE.
    package var sqlStateClass: Substring? { sqlState?.prefix(2) }

    package var description: String {
        sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message
    }

    static let closed = PostgreSQLError(message: "the connection has been closed", isConnectionLost: true)

    /// The same error, with the connection lost by it.
    var losingConnection: PostgreSQLError {
        PostgreSQLError(sqlState: sqlState, message: message, isConnectionLost: true)
    }
}
