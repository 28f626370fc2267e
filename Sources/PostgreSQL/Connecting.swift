internal import CPostgreSQL
internal import EventLoop

/// The blocking part of a connection's life: names are resolved, hosts tried in turn, the server authenticated.
enum Connecting {
    /// What holds unless the connection string or the environment says otherwise. A host that is gone without a word is
    /// given up as soon as it has left something unacknowledged for `tcp_user_timeout`, well before a statement's time
    /// is up; where nothing is sent, the keep-alives find out.
    private static let defaults = [
        // Seconds, for each host.
        ("connect_timeout", "5"),
        ("keepalives_idle", "30"), ("keepalives_interval", "10"),
        ("keepalives_count", "3"),
        // Milliseconds.
        ("tcp_user_timeout", "5000"),
    ]

    /// - Parameter conninfo: as of `Connection.open`.
    static func connect(_ conninfo: String?) -> Result<ConnectionHandle, PostgreSQLError> {
        do throws(SystemError) {
            return connect(resolved: try conninfo.map(ConnectionString.resolve))
        } catch {
            return .failure(PostgreSQLError(message: "\(error)", isConnectionLost: true))
        }
    }

    private static func connect(resolved conninfo: String?) -> Result<ConnectionHandle, PostgreSQLError> {
        if let conninfo, let fault = ConnectionString.fault(in: conninfo) {
            return .failure(PostgreSQLError(message: fault, isConnectionLost: true))
        }
        let settings = settings(for: conninfo)
        let connection = unsafe withCStrings(settings.map(\.keyword)) { keywords in
            unsafe withCStrings(settings.map(\.value)) { values in
                unsafe PQconnectdbParams(keywords, values, 1)
            }
        }
        guard let connection = unsafe connection else {
            return .failure(PostgreSQLError(message: "out of memory", isConnectionLost: true))
        }
        let handle = unsafe ConnectionHandle(connection)
        guard unsafe PQstatus(handle.pointer) == CONNECTION_OK, unsafe PQsetnonblocking(handle.pointer, 1) == 0 else {
            return .failure(handle.lossError)
        }
        return .success(handle)
    }

    /// The later wins: what stands before `dbname`, which the connection string is expanded from, is a default.
    private static func settings(for conninfo: String?) -> [(keyword: String, value: String)] {
        var settings = [("fallback_application_name", "heartbeat-facade")]
        settings += defaults.filter { !ConnectionString.environmentGives($0.0) }
        if let conninfo { settings.append(("dbname", conninfo)) }
        return settings + [("client_encoding", "UTF8")]
    }
}

/// Calls `body` with a NULL-terminated array of C strings.
private func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
) -> Value {
    let bytes = strings.map { Array($0.utf8CString) }
    var offsets: [Int] = []
    var joined: [CChar] = []
    for string in bytes {
        offsets.append(joined.count)
        joined += string
    }
    return unsafe joined.withUnsafeBufferPointer { joined in
        let pointers = unsafe offsets.map { unsafe joined.baseAddress?.advanced(by: $0) } + [nil]
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
}
