internal import Heartbeat

/// All that is wrong with a map of client certificates.
package typealias ClientMapFaults = LineFaults<ClientMapFault>

package enum ClientMapFault: Sendable, Hashable, CustomStringConvertible {
    case badIdentity
    case wildcard
    case badName
    case badScopes
    case tooManyWords
    /// `line`: where the certificate's name stood before.
    case duplicate(line: Int)
    case tooManyEntries

    package var description: String {
        switch self {
        case .badIdentity:
            "it does not begin with subject: and a subject such as CN=worker-1,O=Acme (\\20 for a space), "
                + "dns: and a name, or uri: and a URI, in visible ASCII"
        case .wildcard: "there are no wildcards: write out what the certificate has"
        case .badName: "the second word, the caller's name, does not have \(CallerName.rule)"
        case .badScopes: "the third word is no list of \(Scope.allNames)"
        case .tooManyWords: "more than three words: write \\20 for a space in a subject"
        case .duplicate(let line): "the certificate's name is that of line \(line)"
        case .tooManyEntries: "more than \(ClientMap.entriesMax) certificates"
        }
    }
}
