internal import CPostgreSQL
internal import EventLoop

/// What libpq makes of a connection string, before it is used.
package enum ConnectionString {
    private static let fileScheme = "file:"
    private static let fileBytesMax = 1 << 16

    /// Stands, wherever a connection string is taken, for the one that a file holds: it is read anew for each
    /// connection, so that a password may change there.
    package static func inFile(at path: String) -> String {
        fileScheme + path
    }

    /// The connection string itself, without the line's end that a file may have after it; blocking.
    static func resolve(_ conninfo: String) throws(SystemError) -> String {
        guard conninfo.hasPrefix(fileScheme) else { return conninfo }
        var bytes = try readFile(at: String(conninfo.dropFirst(fileScheme.count)), bytesMax: fileBytesMax)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Says what is wrong with a connection string, nil where nothing is.
    ///
    /// libpq's own words quote the part they complain of, and where a password is not percent-encoded that part is a
    /// piece of the password. So these texts quote nothing.
    package static func fault(in conninfo: String) -> String? {
        guard let options = Options(parsing: conninfo) else {
            return "the connection string is not valid; in a URL, reserved characters are to be percent-encoded"
        }
        let ports = options["port"] ?? ""
        if !ports.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ",") }) {
            return "the connection string's port is not a number; is its password percent-encoded?"
        }
        // A name that begins with it is an abstract Unix socket.
        let hosts = (options["host"] ?? "").split(separator: ",")
        if hosts.contains(where: { $0.dropFirst().contains("@") }) {
            return "the connection string's host holds an '@'; is its password percent-encoded?"
        }
        return nil
    }

    /// Whether the environment, or the service file it names, sets an option.
    static func environmentGives(_ keyword: String) -> Bool {
        unsafe Options(PQconndefaults())?[keyword] != nil
    }

    /// Owns libpq's array of options, which ends with one without a keyword.
    @safe private struct Options: ~Copyable {
        private let first: UnsafeMutablePointer<PQconninfoOption>

        init?(_ first: UnsafeMutablePointer<PQconninfoOption>?) {
            guard let first = unsafe first else { return nil }
            unsafe self.first = first
        }

        init?(parsing conninfo: String) {
            unsafe self.init(PQconninfoParse(conninfo, nil))
        }

        deinit {
            unsafe PQconninfoFree(first)
        }

        subscript(keyword: String) -> String? {
            var option = unsafe first
            while let name = unsafe option.pointee.keyword {
                if unsafe String(cString: name) == keyword {
                    return unsafe option.pointee.val.map { unsafe String(cString: $0) }
                }
                unsafe option += 1
            }
            return nil
        }
    }
}
