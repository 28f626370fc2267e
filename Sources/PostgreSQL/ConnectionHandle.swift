internal import CPostgreSQL

/// Owns libpq's connection: ends it when it goes.
///
/// Sendable by transfer: the thread that opens the connection keeps nothing of it, and afterwards only the loop's
/// thread touches it. libpq allows any thread as long as it is one at a time (documentation, 34.20).
@safe final class ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Why the server ended the session, where it said so between statements: libpq takes that for a notice.
    private var farewell: PostgreSQLError?

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
        // Without a receiver of its own a connection writes its notices to stderr.
        _ = unsafe PQsetNoticeReceiver(
            pointer,
            { handle, notice in
                guard let handle = unsafe handle, let notice = unsafe notice else { return }
                unsafe Unmanaged<ConnectionHandle>.fromOpaque(handle).takeUnretainedValue().take(notice)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func take(_ notice: OpaquePointer) {
        let severity = unsafe cpostgresql_severity(notice).map { unsafe String(cString: $0) }
        guard severity == "FATAL" || severity == "PANIC" else { return }
        farewell = unsafe PostgreSQLError(notice).losingConnection
    }

    deinit {
        unsafe PQfinish(pointer)
    }

    /// What the server or libpq say of the connection's failure, not of a statement's.
    var lossError: PostgreSQLError {
        // What has come is still to be looked at where the connection's end came with it.
        _ = unsafe PQisBusy(pointer)
        if let farewell { return farewell }
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
