internal import CPostgreSQL

/// Owns libpq's connection: ends it when it goes.
///
/// Sendable by transfer: the thread that opens the connection keeps nothing of it, and afterwards only the loop's
/// thread touches it. libpq allows any thread as long as it is one at a time (documentation, 34.20).
@safe final class ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe PQfinish(pointer)
    }

    /// What libpq says of its last failure: of the connection, not of a statement.
    var lossError: PostgreSQLError {
        let message = unsafe String(cString: PQerrorMessage(pointer)).trimmed
        return PostgreSQLError(message: message.isEmpty ? "the connection is lost" : message, isConnectionLost: true)
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
