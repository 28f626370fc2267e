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

    /// - Returns: nil where the name is no method's.
    init?(_ name: Range<Int>, in bytes: Span<UInt8>) {
        // At most one has this first letter and length.
        switch name.isEmpty ? 0 : bytes[name.lowerBound] {
        case UInt8(ascii: "G"): self = .get
        case UInt8(ascii: "H"): self = .head
        case UInt8(ascii: "P"): self = name.count == 4 ? .post : name.count == 3 ? .put : .patch
        case UInt8(ascii: "D"): self = .delete
        case UInt8(ascii: "O"): self = .options
        case UInt8(ascii: "T"): self = .trace
        default: return nil
        }
        guard bytes.equals(name, rawValue) else { return nil }
    }
}
