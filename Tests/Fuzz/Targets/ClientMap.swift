import Authentication
import HTTP
import Heartbeat

/// A map of client certificates: it is read whole or refused by its lines, in which case no fault shows what stands
/// there. One that is read says the same with other white space and with comments; and whoever holds a certificate that
/// a line names gets that line's caller, and nobody gets one that no line names.
@Sendable func checkClientMap(_ input: [UInt8]) throws(Violation) {
    let text = String(decoding: input, as: UTF8.self)
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let map: ClientMap
    do {
        map = try ClientMap(text)
    } catch {
        try require(!error.faults.isEmpty, "refused for nothing")
        let numbers = error.faults.map(\.line)
        try require(numbers == numbers.sorted() && numbers.allSatisfy { (1...lines.count).contains($0) }, "\(numbers)")
        return
    }
    try require(map.count <= min(ClientMap.entriesMax, lines.count), "\(map.count) of \(lines.count) lines")
    try require(map.caller(of: ClientCertificate(subject: "")) == nil, "a caller for a certificate of nobody")
    var meant = 0
    var rewritten = "# rewritten\n\n"
    for line in lines {
        let words = line.split { [0x20, 0x09, 0x0d].contains($0) }.map { String(decoding: $0, as: UTF8.self) }
        guard let identity = words.first, identity.utf8.first != UInt8(ascii: "#") else { continue }
        meant += 1
        try require((2...3).contains(words.count), "\(words.count) words")
        try require(CallerName.isValid(words[1]), "a name that is none")
        guard let caller = map.caller(of: certificate(identity)) else {
            throw Violation(description: "a line of no effect: \(identity)")
        }
        try require(caller.name == words[1], "\(caller.name) by \(words[1])'s line")
        try require(caller.authentication == .clientCertificate && !caller.scopes.isEmpty, "\(caller)")
        rewritten += "\t \(words.joined(separator: " \t")) \r\n"
    }
    try require(meant == map.count, "\(map.count) entries of \(meant) lines")
    guard let again = try? ClientMap(rewritten) else { throw Violation(description: "refused with other white space") }
    try require(again.count == map.count, "\(again.count) entries with other white space")
}

/// One that has nothing but what a line names.
private func certificate(_ identity: String) -> ClientCertificate {
    let value = String(identity.drop { $0 != ":" }.dropFirst())
    switch identity.prefix(4) {
    case "dns:": return ClientCertificate(subject: "", dnsNames: [value])
    case "uri:": return ClientCertificate(subject: "", uris: [value])
    default: return ClientCertificate(subject: value)
    }
}
