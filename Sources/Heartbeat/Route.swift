package import HTTP

/// Where a request goes, by its method and raw path.
package enum Route: Sendable, Equatable {
    /// The token still percent-encoded, possibly empty; nil: it is in the body.
    case heartbeat(encodedToken: ArraySlice<UInt8>?)
    case openAPIYAML
    case openAPIJSON
    case problemPage(ErrorCode)
    case methodNotAllowed(allow: [Method])
    case notFound

    /// Paths are compared as they came, byte by byte: decoding or normalising first would take tokens apart.
    package init(method: Method, path: [UInt8]) {
        guard let (route, methods) = Self.resource(path[...]) else {
            self = .notFound
            return
        }
        self = methods.contains(method) ? route : .methodNotAllowed(allow: methods)
    }

    private static func resource(_ path: ArraySlice<UInt8>) -> (route: Route, methods: [Method])? {
        if path.elementsEqual("/tasks/heartbeat".utf8) { return (.heartbeat(encodedToken: nil), [.post]) }
        if let token = encodedToken(path) { return (.heartbeat(encodedToken: token), [.post]) }
        if path.elementsEqual("/openapi.yaml".utf8) { return (.openAPIYAML, [.get, .head]) }
        if path.elementsEqual("/openapi.json".utf8) { return (.openAPIJSON, [.get, .head]) }
        if path.starts(with: ErrorCode.pathPrefix.utf8) {
            let name = path.dropFirst(ErrorCode.pathPrefix.utf8.count)
            return ErrorCode(rawValue: String(decoding: name, as: UTF8.self)).map { (.problemPage($0), [.get, .head]) }
        }
        return nil
    }

    /// What is between the prefix and the last suffix, which may not share the slash.
    private static func encodedToken(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let prefix = "/tasks/".utf8
        let suffix = "/heartbeat".utf8
        guard path.count >= prefix.count + suffix.count, path.starts(with: prefix),
            path.suffix(suffix.count).elementsEqual(suffix)
        else { return nil }
        return path.dropFirst(prefix.count).dropLast(suffix.count)
    }
}
