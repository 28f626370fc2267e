import HTTP

/// A PROXY header is the same however much of what follows has already come, and nothing before its end is one.
@Sendable func checkProxyHeader(_ input: [UInt8]) throws(Violation) {
    let result = ProxyHeader.parse(input.span)
    switch result {
    case .partial:
        try require(input.count < ProxyHeader.version2BytesMax, "it wants more than the longest header has")
    case .bad:
        try require(ProxyHeader.parse((input + [0x20]).span) == .bad, "good after all, by one byte more")
    case .header(let header):
        let version1 = input.first == UInt8(ascii: "P")
        let longest = version1 ? ProxyHeader.version1BytesMax : ProxyHeader.version2BytesMax
        try require((1...min(longest, input.count)).contains(header.length), "a header of \(header.length) bytes")
        try require(ProxyHeader.parse((input + [0x0A]).span) == result, "what follows changes it")
        try require(ProxyHeader.parse(Array(input[..<header.length]).span) == result, "it is not its own bytes alone")
        // A client whose segments are small must not be refused where another is served.
        for end in 0..<header.length {
            try require(ProxyHeader.parse(Array(input[..<end]).span) == .partial, "not partial at \(end) bytes")
        }
        if let client = header.client { try checkAddress(client) }
    }
}

/// An address that is read is read again from its own text, and alike by whoever else reads it.
@Sendable func checkAddressText(_ input: [UInt8]) throws(Violation) {
    guard let address = IPAddress(input) else { return }
    try require(input.count <= 45, "an address of \(input.count) bytes")
    try checkAddress(address)
    for bits in [0, 1, 63, 64, 65, 96, 127, 128] {
        let prefix = address.prefix(bits: bits)
        try require(prefix.prefix(bits: bits) == prefix, "\(bits) bits are not kept")
    }
    try require(address.prefix(bits: 128) == address, "all bits are not the address")
}

private func checkAddress(_ address: IPAddress) throws(Violation) {
    let text = "\(address)"
    try require(IPAddress(text) == address, "\(text) is another address once read again")
    try require(address.isIPv4 == !text.contains(":"), "\(text) is written in the other family's form")
}

/// The input's first line says who is trusted, the second who calls, each further one is an `X-Forwarded-For`.
///
/// The client is the peer or an address of the list, and one whose word counts is passed over only for another.
@Sendable func checkForwarded(_ input: [UInt8]) throws(Violation) {
    let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count >= 2, let proxies = TrustedProxies(String(decoding: lines[0], as: UTF8.self)) else { return }
    try require(TrustedProxies("\(proxies)") == proxies, "\(proxies) is another list once read again")
    let peer = IPAddress(lines[1])
    let values = lines.dropFirst(2).map { Array($0) }
    let client = proxies.client(of: forwardedFor(values), peer: peer)
    guard client != peer else { return }
    try require(proxies.contains(peer), "an untrusted peer names its client")
    // What a client writes before the last proxy's own word changes nothing once that proxy saw someone untrusted.
    if let client, !proxies.contains(client) {
        let forged = forwardedFor([Array("192.0.2.250".utf8)] + values)
        try require(proxies.client(of: forged, peer: peer) == client, "a client forges its address")
    }
}

private func forwardedFor(_ values: [[UInt8]]) -> Fields {
    let name = Array("X-Forwarded-For".utf8)
    var bytes = name
    let entries = values.map { value in
        bytes += value
        return Fields.Entry(name: 0..<name.count, value: bytes.count - value.count..<bytes.count)
    }
    return Fields(bytes: bytes, entries: entries)
}
