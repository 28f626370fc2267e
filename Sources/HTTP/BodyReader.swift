/// Collects one request's body as its framing says.
struct BodyReader: Sendable {
    private enum Source {
        case length(remaining: Int)
        /// Most bodies have a length: a connection has no room for this all the time.
        indirect case chunked(ChunkedDecoder)
    }

    private var source: Source
    private var bytes: [UInt8] = []

    init(framing: BodyFraming, limits: Limits) {
        source =
            switch framing {
            case .none: .length(remaining: 0)
            case .length(let length): .length(remaining: length)
            case .chunked: .chunked(ChunkedDecoder(limits: limits))
            }
    }

    /// - Parameter new: bytes not shown before; those after the body's end are left alone.
    mutating func read(_ new: Span<UInt8>) -> (used: Int, progress: BodyProgress) {
        switch source {
        case .chunked(var decoder):
            let result = decoder.decode(new, into: &bytes)
            source = .chunked(decoder)
            return result
        case .length(let remaining):
            let used = min(remaining, new.count)
            // Room is made for what has come, not for what was announced: an announcement costs its sender nothing.
            bytes.append(new, 0..<used)
            source = .length(remaining: remaining - used)
            return (used, used == remaining ? .done : .partial)
        }
    }

    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

extension [UInt8] {
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        // Appending nothing to an empty array would still write to the storage that all empty arrays share.
        if range.isEmpty { return }
        append(addingCapacity: range.count) { output in
            for index in range { output.append(bytes[index]) }
        }
    }
}
