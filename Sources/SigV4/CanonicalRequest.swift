// The canonical request: the one spelling of a request that both sides hash.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

/// What a signature says of a request besides its body: the same for all requests that differ in nothing else.
///
/// Both texts end with a hash, whose digits are written where those of the last request were.
struct SignedHead {
    private var canonicalRequest: [UInt8]
    private var stringToSign: [UInt8]

    init(_ request: SignableRequest, headers: CanonicalHeaders, time: String, scope: CredentialScope) {
        let lineFeed = UInt8(ascii: "\n")
        let digits = [UInt8](repeating: 0, count: Signature.digitCount)
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
        canonicalRequest = bytes + digits
        let lines = [AuthorizationHeader.algorithm, time, scope.text, ""].joined(separator: "\n")
        stringToSign = Array(lines.utf8) + digits
    }

    mutating func signature(
        of body: Span<UInt8>, sha256: HashFunctions.Digest, sign: HashFunctions.Digest
    ) -> Signature {
        let room = Signature.digitCount
        canonicalRequest.overwrite(at: canonicalRequest.count - room, with: lowercaseHexDigits(sha256(body)).span)
        let hash = lowercaseHexDigits(sha256(canonicalRequest.span))
        stringToSign.overwrite(at: stringToSign.count - room, with: hash.span)
        return Signature(sign(stringToSign.span))
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
