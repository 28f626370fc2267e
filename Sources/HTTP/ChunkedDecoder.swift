/// How far a body is.
package enum BodyProgress: Sendable, Equatable {
    case partial
    case done
    case bad(ProtocolError)
}

/// Undoes the chunked transfer coding, strictly (RFC 9112 §7.1).
///
/// It consumes what it is given, so nothing is looked at twice, and the answer does not depend on how the bytes were
/// cut. Trailers are checked and dropped; no white space is taken where the grammar has only BWS.
package struct ChunkedDecoder: Sendable {
    private enum Stage {
        case size
        case chunkExtension(ChunkExtension)
        case sizeLineFeed
        case data
        case dataReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
        case done
    }

    private let limits: Limits
    private var stage = Stage.size
    /// Of the chunk under way: what its size line says, then what is missing of its data.
    private var chunkBytes: UInt64 = 0
    private var sizeDigits = 0
    private var lineBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var bodyBytes = 0

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// - Parameter bytes: new ones only.
    /// - Returns: how many of them belong to this body: all, unless it ended or is bad. After `.bad` and `.done` the
    ///   decoder is spent.
    package mutating func decode(
        _ bytes: Span<UInt8>, into body: inout [UInt8]
    ) -> (used: Int, progress: BodyProgress) {
        var index = 0
        do throws(ProtocolError) {
            while index < bytes.count {
                if case .data = stage {
                    let end = index + Int(min(chunkBytes, UInt64(bytes.count - index)))
                    body.append(bytes, index..<end)
                    chunkBytes -= UInt64(end - index)
                    if chunkBytes == 0 { stage = .dataReturn }
                    index = end
                } else {
                    stage = try stage(after: bytes[index])
                    index += 1
                    if case .done = stage { return (index, .done) }
                }
            }
            return (index, .partial)
        } catch {
            return (index, .bad(error))
        }
    }

    private mutating func stage(after byte: UInt8) throws(ProtocolError) -> Stage {
        switch stage {
        case .size, .chunkExtension:
            return try sizeLine(byte)
        case .sizeLineFeed:
            try expect(byte, .lineFeed)
            return chunkBytes == 0 ? .trailerStart : .data
        case .dataReturn:
            try expect(byte, .carriageReturn)
            return .dataLineFeed
        case .dataLineFeed:
            try expect(byte, .lineFeed)
            (sizeDigits, lineBytes) = (0, 0)
            return .size
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed:
            return try trailer(byte)
        case .lastLineFeed:
            try expect(byte, .lineFeed)
            return .done
        case .data, .done:
            return stage
        }
    }

    /// RFC 9112 §7.1, §7.1.1: 1 to 16 hexadecimal digits, so that the size cannot overflow, then extensions.
    private mutating func sizeLine(_ byte: UInt8) throws(ProtocolError) -> Stage {
        if byte == .carriageReturn {
            if case .chunkExtension(let part) = stage, !part.mayEnd { throw .malformedRequest }
            try endSize()
            return .sizeLineFeed
        }
        lineBytes += 1
        guard lineBytes <= limits.chunkLineBytesMax else { throw .malformedRequest }
        if case .chunkExtension(let part) = stage {
            extensionBytes += 1
            guard extensionBytes <= limits.chunkExtensionBytesMax, let next = part.after(byte) else {
                throw .malformedRequest
            }
            return .chunkExtension(next)
        }
        if byte == UInt8(ascii: ";") {
            try endSize()
            extensionBytes += 1
            return .chunkExtension(.nameStart)
        }
        guard let digit = byte.hexadecimalValue, sizeDigits < 16 else { throw .malformedRequest }
        chunkBytes = chunkBytes << 4 | UInt64(digit)
        sizeDigits += 1
        return .size
    }

    /// The size is whole: it is judged before a byte of its data is taken. Seen again at the end of an extension, it
    /// has no digits left to count.
    private mutating func endSize() throws(ProtocolError) {
        if case .chunkExtension = stage { return }
        guard sizeDigits > 0 else { throw .malformedRequest }
        guard chunkBytes <= UInt64(limits.bodyBytesMax - bodyBytes) else { throw .contentTooLarge }
        bodyBytes += Int(chunkBytes)
    }

    /// RFC 9112 §7.1.2: field lines under the same rules as those of the head.
    private mutating func trailer(_ byte: UInt8) throws(ProtocolError) -> Stage {
        if case .trailerStart = stage, byte == .carriageReturn { return .lastLineFeed }
        trailerBytes += 1
        guard trailerBytes <= limits.trailerBytesMax else { throw .requestHeaderFieldsTooLarge }
        switch stage {
        case .trailerName where byte == UInt8(ascii: ":"):
            return .trailerValue
        case .trailerStart, .trailerName:
            guard byte.isTokenCharacter else { throw .malformedRequest }
            return .trailerName
        case .trailerValue:
            if byte == .carriageReturn { return .trailerLineFeed }
            guard byte.isFieldText else { throw .malformedRequest }
            return .trailerValue
        default:
            try expect(byte, .lineFeed)
            return .trailerStart
        }
    }

    private func expect(_ byte: UInt8, _ expected: UInt8) throws(ProtocolError) {
        guard byte == expected else { throw .malformedRequest }
    }
}
