internal import CPostgreSQL

extension QueryResult {
    /// Copies the rows out of libpq's result.
    init(_ result: OpaquePointer) {
        let columns = unsafe PQnfields(result)
        let rows = unsafe (0..<PQntuples(result)).map { row in
            (0..<columns).map { column -> String? in
                if unsafe PQgetisnull(result, row, column) == 1 { return nil }
                return unsafe PQgetvalue(result, row, column).map { unsafe String(cString: $0) }
            }
        }
        self.init(rows: rows, affectedRows: unsafe Int(String(cString: PQcmdTuples(result))) ?? 0)
    }
}

extension PostgreSQLError {
    /// The error that libpq's result holds.
    init(_ result: OpaquePointer) {
        let message =
            unsafe cpostgresql_primary_message(result).map { unsafe String(cString: $0) }
            ?? String(cString: PQresultErrorMessage(result))
        let sqlState = unsafe cpostgresql_sqlstate(result).map { unsafe String(cString: $0) }
        let constraint = unsafe cpostgresql_constraint(result).map { unsafe String(cString: $0) }
        self.init(sqlState: sqlState, message: message, constraint: constraint, isConnectionLost: false)
    }
}
