/// A response as it came over the wire.
package struct HTTPResponse: Sendable {
    package var version: String
    package var status: Int
    package var reason: String
    /// In the order they came, duplicates kept.
    package var headers: [(name: String, value: String)]
    /// Without the chunked coding.
    package var body: [UInt8]

    package var text: String {
        String(decoding: body, as: UTF8.self)
    }

    /// The first field of that name, in whatever case.
    package subscript(_ name: String) -> String? {
        values(of: name).first
    }

    package func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

extension HTTPResponse {
    /// - Parameter isComplete: whether the peer has closed, which ends a body without a length.
    /// - Returns: nil where bytes are missing, else the response and the bytes it took.
    static func parse(
        _ bytes: [UInt8], toHead isHead: Bool, isComplete: Bool
    ) throws -> (response: HTTPResponse, used: Int)? {
        guard let headEnd = bytes.firstIndex(of: Array("\r\n\r\n".utf8), from: 0) else { return nil }
        var response = try head(String(decoding: bytes[..<headEnd], as: UTF8.self))
        let start = headEnd + 4
        let lengths = response.values(of: "Content-Length")
        let codings = response.values(of: "Transfer-Encoding")
        if isHead || response.status < 200 || response.status == 204 || response.status == 304 {
            return (response, start)
        }
        if let coding = codings.first {
            guard codings.count == 1, coding.lowercased() == "chunked", lengths.isEmpty else {
                throw malformed("Transfer-Encoding \(codings) beside Content-Length \(lengths)")
            }
            guard let (body, end) = try chunkedBody(bytes, from: start) else { return nil }
            response.body = body
            return (response, end)
        }
        guard let text = lengths.first else {
            response.body = Array(bytes[start...])
            return isComplete ? (response, bytes.count) : nil
        }
        guard lengths.count == 1, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text) else {
            throw malformed("Content-Length \(lengths)")
        }
        guard bytes.count - start >= length else { return nil }
        response.body = Array(bytes[start..<start + length])
        return (response, start + length)
    }

    private static func head(_ text: String) throws -> HTTPResponse {
        // By scalars: CR LF is one Character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0.last == "\r" ? $0.dropLast() : $0) }
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0].hasPrefix("HTTP/1."), parts[1].count == 3, let status = Int(parts[1]) else {
            throw malformed("status line \(lines[0])")
        }
        let headers = try lines.dropFirst().map { line in
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw malformed("header line \(line)")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            return (name: String(line[..<colon]), value: String(value))
        }
        return HTTPResponse(version: parts[0], status: status, reason: parts[2], headers: headers, body: [])
    }

    private static func chunkedBody(_ bytes: [UInt8], from start: Int) throws -> (body: [UInt8], end: Int)? {
        let lineEnd = Array("\r\n".utf8)
        var body: [UInt8] = []
        var position = start
        while true {
            guard let end = bytes.firstIndex(of: lineEnd, from: position) else { return nil }
            let line = String(decoding: bytes[position..<end], as: UTF8.self)
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else {
                throw malformed("chunk size \(line)")
            }
            position = end + 2
            guard size > 0 else { break }
            guard bytes.count >= position + size + 2 else { return nil }
            body += bytes[position..<position + size]
            position += size
            guard bytes[position] == 0x0D, bytes[position + 1] == 0x0A else { throw malformed("a chunk's end") }
            position += 2
        }
        // Trailer fields, dropped, to the empty line.
        while let end = bytes.firstIndex(of: lineEnd, from: position) {
            if end == position { return (body, end + 2) }
            position = end + 2
        }
        return nil
    }

    private static func malformed(_ what: String) -> RawHTTPClient.Failure {
        .malformed(what)
    }
}

extension [UInt8] {
    fileprivate func firstIndex(of pattern: [UInt8], from start: Int) -> Int? {
        guard count - start >= pattern.count else { return nil }
        // Most places are ruled out by their first byte, which unoptimised code would not find out so cheaply.
        return (start...count - pattern.count).first {
            self[$0] == pattern[0] && self[$0..<$0 + pattern.count].elementsEqual(pattern)
        }
    }
}
