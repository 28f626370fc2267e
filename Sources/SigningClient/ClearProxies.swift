internal import EventLoop

/// The proxies that take requests in the clear as they are, for which libcurl looks in the process's own environment.
enum ClearProxies {
    private static let variables = ["http_proxy", "all_proxy", "ALL_PROXY"]

    /// Whether there are any. Which hosts are excepted, and what they are to be told, is libcurl's to know.
    static var areNamed: Bool {
        let environment = processEnvironment()
        return variables.contains { environment[$0]?.isEmpty == false }
    }
}
