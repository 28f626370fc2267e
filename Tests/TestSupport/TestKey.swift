/// An API key for tests, and what a service has to be told to know it.
package enum TestKey {
    /// As a caller sends it.
    package static let text = "hbf_siwNnGhmi231sSFb0fdXzUoFsJG8YbIMILxH3Y4X8XgH"

    /// Its line for `HEARTBEAT_API_KEYS`.
    /// - Parameter scopes: with commas between them; nil: those that a key has when its line names none.
    package static func line(of caller: String, scopes: String? = nil) -> String {
        ([caller, "61fbfbf85b0182416d47985789627795354047a161e82e7e059838158c86f40e"] + [scopes].compactMap(\.self))
            .joined(separator: ":")
    }
}
