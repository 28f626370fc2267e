package import HTTP
package import Heartbeat

/// Which caller a client's certificate stands for.
package struct ClientMap: Sendable {
    /// What of a certificate a line is about.
    private enum Identity: Hashable {
        case subject(String)
        /// In lower case.
        case dns(String)
        case uri(String)
    }

    private struct Entry {
        let line: Int
        let caller: Caller
    }

    private var entries: [Identity: Entry] = [:]

    package static let entriesMax = 4096

    package var count: Int { entries.count }

    /// - Parameter text: lines of a certificate's name, white space, the caller's name, and where it may do other than
    ///   `heartbeat`, white space and scopes with commas between them. A certificate's name is `subject:` with the
    ///   subject as RFC 2253 writes it and `\20` for a space, `dns:` or `uri:` with one of its alternative names; there
    ///   are no wildcards. Blank lines, and lines that begin with `#`, mean nothing.
    /// - Throws: every fault of every line.
    package init(_ text: String) throws(ClientMapFaults) {
        var faults: [ClientMapFaults.Fault] = []
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, content) in lines.enumerated() {
            let words = content.split { $0 == UInt8(ascii: " ") || $0 == 0x09 || $0 == 0x0d }.map(Array.init)
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            faults += add(words, line: index + 1).map { ClientMapFaults.Fault(line: index + 1, reason: $0) }
            if entries.count > Self.entriesMax {
                faults.append(.init(line: index + 1, reason: .tooManyEntries))
                break
            }
        }
        guard faults.isEmpty else { throw ClientMapFaults(faults: faults) }
    }

    /// - Returns: what is wrong with the line.
    private mutating func add(_ words: [[UInt8]], line: Int) -> [ClientMapFault] {
        var reasons: [ClientMapFault] = []
        let identity = Self.identity(words[0])
        if identity == nil { reasons.append(.badIdentity) }
        if words[0].contains(UInt8(ascii: "*")) { reasons.append(.wildcard) }
        let name = words.count > 1 && CallerName.isValid(words[1]) ? String(decoding: words[1], as: UTF8.self) : nil
        if name == nil { reasons.append(.badName) }
        let scopes = words.count > 2 ? Scope.list(words[2][...]) : Scope.standard
        if scopes == nil { reasons.append(.badScopes) }
        if words.count > 3 { reasons.append(.tooManyWords) }
        guard reasons.isEmpty, let identity, let name, let scopes else { return reasons }
        if let earlier = entries[identity] { return [.duplicate(line: earlier.line)] }
        entries[identity] = Entry(
            line: line, caller: Caller(name: name, authentication: .clientCertificate, scopes: scopes))
        return []
    }

    private static func identity(_ word: [UInt8]) -> Identity? {
        let parts = word.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, parts[1].allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        let value = String(decoding: parts[1], as: UTF8.self)
        switch String(decoding: parts[0], as: UTF8.self) {
        case "subject":
            // Not as `openssl` prints it by default, `CN = worker`, nor with slashes.
            guard let sign = value.firstIndex(of: "="), sign != value.startIndex, !value.hasPrefix("/") else {
                return nil
            }
            return value.hasSuffix(",") ? nil : .subject(value)
        case "dns":
            return .dns(value.lowercased())
        case "uri":
            return value.dropFirst().contains(":") ? .uri(value) : nil
        default:
            return nil
        }
    }

    /// Where several lines fit, the first decides.
    package func caller(of certificate: ClientCertificate) -> Caller? {
        var first = entries[.subject(Self.withoutSpaces(certificate.subject))]
        func consider(_ identity: Identity) {
            guard let entry = entries[identity] else { return }
            if first.map({ entry.line < $0.line }) ?? true { first = entry }
        }
        for name in certificate.dnsNames { consider(.dns(name.lowercased())) }
        for uri in certificate.uris { consider(.uri(uri)) }
        return first?.caller
    }

    /// A subject with each space, escaped or not, as `\20`.
    private static func withoutSpaces(_ subject: String) -> String {
        guard subject.utf8.contains(UInt8(ascii: " ")) else { return subject }
        var written: [UInt8] = []
        var isEscaped = false
        for byte in subject.utf8 {
            if byte == UInt8(ascii: " ") {
                if isEscaped { written.removeLast() }
                written += #"\20"#.utf8
                isEscaped = false
            } else {
                written.append(byte)
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            }
        }
        return String(decoding: written, as: UTF8.self)
    }
}

extension Scope {
    /// For messages.
    static let allNames = allCases.map(\.rawValue).joined(separator: ", ")

    /// - Parameter list: names with commas between them.
    /// - Returns: nil where that is not what it is.
    static func list(_ list: ArraySlice<UInt8>) -> Set<Scope>? {
        let names = list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        let scopes = names.compactMap { Scope(rawValue: String(decoding: $0, as: UTF8.self)) }
        return scopes.count == names.count ? Set(scopes) : nil
    }
}
