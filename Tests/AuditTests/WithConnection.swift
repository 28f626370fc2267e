import EventLoop
import PostgreSQL

/// Runs `body` with a connection and closes that.
func withConnection<Value>(
    _ conninfo: String, on loop: EventLoop, _ body: (Connection) async throws -> Value
) async throws -> Value {
    let connection = try await Connection.open(conninfo, on: loop)
    defer { connection.close() }
    return try await body(connection)
}
