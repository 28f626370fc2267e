/// Where in `*( ";" name [ "=" ( token / quoted-string ) ] )` a chunk's extensions are (RFC 9112 §7.1.1). They mean
/// nothing here, but one that is not well-formed hides what the next recipient may take for a line end.
enum ChunkExtension: Sendable {
    case nameStart
    case name
    case valueStart
    case value
    case quoted
    case escaped
    case closed

    var mayEnd: Bool {
        switch self {
        case .name, .value, .closed: true
        case .nameStart, .valueStart, .quoted, .escaped: false
        }
    }

    /// nil where the byte has no place here.
    func after(_ byte: UInt8) -> ChunkExtension? {
        switch self {
        case .nameStart:
            return byte.isTokenCharacter ? .name : nil
        case .name where byte == UInt8(ascii: "="):
            return .valueStart
        case .valueStart where byte == UInt8(ascii: "\""):
            return .quoted
        case .valueStart:
            return byte.isTokenCharacter ? .value : nil
        case .name, .value, .closed:
            if byte == UInt8(ascii: ";") { return .nameStart }
            guard self != .closed, byte.isTokenCharacter else { return nil }
            return self
        case .quoted where byte == UInt8(ascii: "\""):
            return .closed
        case .quoted where byte == UInt8(ascii: "\\"):
            return .escaped
        case .quoted, .escaped:
            return byte.isFieldText ? .quoted : nil
        }
    }
}
