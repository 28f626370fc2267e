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
        if path.starts(with: tasks) { return ofTasks(path) }
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

    // Of nearly all requests, so that no text is taken apart for them.
    private static let tasks = Array("/tasks/".utf8)
    private static let heartbeat = Array("/heartbeat".utf8)
    private static let heartbeats = Array("/heartbeats".utf8)

    /// - Parameter path: begins with `tasks`.
    private static func ofTasks(_ path: ArraySlice<UInt8>) -> (route: Route, methods: [Method])? {
        let rest = path.dropFirst(tasks.count)
        if rest == heartbeat.dropFirst() { return (.heartbeat(encodedToken: nil), [.post]) }
        if let token = encodedToken(rest, before: heartbeat) { return (.heartbeat(encodedToken: token), [.post]) }
        if let token = encodedToken(rest, before: heartbeats) { return (.history(encodedToken: token), [.get, .head]) }
        return rest.isEmpty ? nil : (.task(encodedToken: rest), [.get, .head])
    }

    /// What is before the last suffix, which may not share the slash with the prefix.
    ///
    /// A suffix always counts as one. A token that itself ends like that, which base64 does not do by chance, is one
    /// before another suffix, or with its last slash as `%2F`.
    private static func encodedToken(_ rest: ArraySlice<UInt8>, before suffix: [UInt8]) -> ArraySlice<UInt8>? {
        rest.suffix(suffix.count) == suffix[...] ? rest.dropLast(suffix.count) : nil
    }
}
