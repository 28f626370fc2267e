/// A request method this server knows (RFC 9110 §9). Any other token is answered 501, and CONNECT is one: what follows
/// it may be a tunnel's bytes, which are not to be taken for requests.
package enum Method: String, Sendable, Equatable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case options = "OPTIONS"
    case patch = "PATCH"
    case trace = "TRACE"
}
