package import HTTP

/// Where a request goes, by its method and raw path.
package enum Route: Sendable, Equatable {
    /// The token still percent-encoded, possibly empty; nil: it is in the body.
    case heartbeat(encodedToken: ArraySlice<UInt8>?)
    /// A task's last heartbeat; the token as above.
    case task(encodedToken: ArraySlice<UInt8>)
    /// A task's heartbeats; the token as above.
    case history(encodedToken: ArraySlice<UInt8>)
    case openAPIYAML
    case openAPIJSON
    case problemPage(ErrorCode)
    case problemIndex
    case frontPage
    case methodNotAllowed(allow: [Method])
    case notFound

    /// Paths are compared as they came, byte by byte: decoding or normalising first would take tokens apart.
    package init(method: Method, path: ArraySlice<UInt8>) {
        guard let (route, methods) = Self.resource(path) else {
            self = .notFound
            return
        }
        self = methods.contains(method) ? route : .methodNotAllowed(allow: methods)
    }

    private static func resource(_ path: ArraySlice<UInt8>) -> (route: Route, methods: [Method])? {
        if path.elementsEqual("/tasks/heartbeat".utf8) { return (.heartbeat(encodedToken: nil), [.post]) }
        if let token = encodedToken(path, before: "/heartbeat") { return (.heartbeat(encodedToken: token), [.post]) }
        if let token = encodedToken(path, before: "/heartbeats") {
            return (.history(encodedToken: token), [.get, .head])
        }
        if let token = encodedToken(path, before: ""), !token.isEmpty {
            return (.task(encodedToken: token), [.get, .head])
        }
        if path.elementsEqual("/openapi.yaml".utf8) { return (.openAPIYAML, [.get, .head]) }
        if path.elementsEqual("/openapi.json".utf8) { return (.openAPIJSON, [.get, .head]) }
        if path.elementsEqual("/".utf8) { return (.frontPage, [.get, .head]) }
        if path.elementsEqual(ProblemIndex.path.utf8) { return (.problemIndex, [.get, .head]) }
        if path.starts(with: ErrorCode.pathPrefix.utf8) {
            let name = path.dropFirst(ErrorCode.pathPrefix.utf8.count)
            return ErrorCode(rawValue: String(decoding: name, as: UTF8.self)).map { (.problemPage($0), [.get, .head]) }
        }
        return nil
    }

    /// What is between the prefix and the last suffix, which may not share the slash.
    ///
    /// A suffix always counts as one. A token that itself ends like that, which base64 does not do by chance, is one
    /// before another suffix, or with its last slash as `%2F`.
    private static func encodedToken(_ path: ArraySlice<UInt8>, before suffix: String) -> ArraySlice<UInt8>? {
        let prefix = "/tasks/".utf8
        let suffix = suffix.utf8
        guard path.count >= prefix.count + suffix.count, path.starts(with: prefix),
            path.suffix(suffix.count).elementsEqual(suffix)
        else { return nil }
        return path.dropFirst(prefix.count).dropLast(suffix.count)
    }
}
