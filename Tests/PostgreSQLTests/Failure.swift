import PostgreSQL

/// The error that a statement ends with; a test fails where it ends well.
func failure(of body: () async throws(PostgreSQLError) -> Void) async throws -> PostgreSQLError {
    do throws(PostgreSQLError) {
        try await body()
    } catch {
        return error
    }
    throw NoFailure()
}

struct NoFailure: Error {}
