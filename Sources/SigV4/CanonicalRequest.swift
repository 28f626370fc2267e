// The canonical request: the one spelling of a request that both sides hash.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

/// What a signature says of a request besides its body: the same for all requests that differ in nothing else.
struct SignedHead {
    let scope: CredentialScope
    /// The canonical request up to the hash of the body.
    let canonicalRequest: [UInt8]
    /// Up to the hash of the canonical request.
    let stringToSign: [UInt8]

    init(_ request: SignableRequest, headers: CanonicalHeaders, time: String, scope: CredentialScope) {
        self.scope = scope
        let lineFeed = UInt8(ascii: "\n")
        var bytes: [UInt8] = []
        bytes.append(contentsOf: request.method.utf8)
        bytes.append(lineFeed)
        appendCanonicalPath(request.path, to: &bytes)
        bytes.append(lineFeed)
        appendCanonicalQuery(request.query, to: &bytes)
        bytes.append(lineFeed)
        bytes.append(contentsOf: headers.lines)
        bytes.append(lineFeed)
        bytes.append(contentsOf: headers.names.utf8)
        bytes.append(lineFeed)
        canonicalRequest = bytes
        stringToSign = Array([AuthorizationHeader.algorithm, time, scope.text, ""].joined(separator: "\n").utf8)
    }
}

/// Without empty and dot segments (RFC 3986 §5.2.4), and percent-encoded once more than on the wire:
/// every service except S3 has it so.
private func appendCanonicalPath(_ path: String, to bytes: inout [UInt8]) {
    let slash = UInt8(ascii: "/")
    var segments: [Substring.UTF8View] = []
    for segment in path.utf8.split(separator: slash) {
        if segment.elementsEqual("..".utf8) {
            _ = segments.popLast()
        } else if !segment.elementsEqual(".".utf8) {
            segments.append(segment)
        }
    }
    for segment in segments {
        bytes.append(slash)
        for byte in segment { appendPercentEncoded(byte, to: &bytes) }
    }
    if segments.isEmpty || path.utf8.last == slash { bytes.append(slash) }
}

/// In the order of the names, then of the values, as bytes. A parameter without a value gets the equals sign.
private func appendCanonicalQuery(_ query: String, to bytes: inout [UInt8]) {
    guard !query.isEmpty else { return }
    let ampersand = UInt8(ascii: "&")
    let equals = UInt8(ascii: "=")
    let parameters = query.utf8.split(separator: ampersand, omittingEmptySubsequences: false)
        .map { parameter in
            let end = parameter.firstIndex(of: equals) ?? parameter.endIndex
            return (name: parameter[..<end], value: parameter[end...].dropFirst())
        }
        .sorted { left, right in
            left.name.elementsEqual(right.name)
                ? left.value.lexicographicallyPrecedes(right.value)
                : left.name.lexicographicallyPrecedes(right.name)
        }
    for (index, parameter) in parameters.enumerated() {
        if index > 0 { bytes.append(ampersand) }
        bytes.append(contentsOf: parameter.name)
        bytes.append(equals)
        bytes.append(contentsOf: parameter.value)
    }
}

/// All but RFC 3986's unreserved characters, with upper-case digits.
private func appendPercentEncoded(_ byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
    default:
        bytes.append(UInt8(ascii: "%"))
        bytes.append(hexDigit(byte >> 4, ten: UInt8(ascii: "A")))
        bytes.append(hexDigit(byte & 0xf, ten: UInt8(ascii: "A")))
    }
}

func appendLowercaseHex(_ digest: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(addingCapacity: 2 * digest.count) { digits in
        for byte in digest {
            digits.append(hexDigit(byte >> 4, ten: UInt8(ascii: "a")))
            digits.append(hexDigit(byte & 0xf, ten: UInt8(ascii: "a")))
        }
    }
}

/// - Parameter ten: the digit for ten, which says whether the letters are small.
private func hexDigit(_ value: UInt8, ten: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : ten + value - 10
}
