internal import Heartbeat

/// All that is wrong with a map of client certificates.
package struct ClientMapFaults: Error, Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case badIdentity
        case wildcard
        case badName
        case badScopes
        case tooManyWords
        /// `line`: where the certificate's name stood before.
        case duplicate(line: Int)
        case tooManyEntries
    }

    package struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// From 1 on, blank lines and comments counted.
        package let line: Int
        package let reason: Reason

        package init(line: Int, reason: Reason) {
            self.line = line
            self.reason = reason
        }

        private static let scopes = Scope.allCases.map(\.rawValue).joined(separator: ", ")

        package var description: String {
            let text =
                switch reason {
                case .badIdentity:
                    "it does not begin with subject: and a subject such as CN=worker-1,O=Acme (\\20 for a space), "
                        + "dns: and a name, or uri: and a URI, in visible ASCII"
                case .wildcard: "there are no wildcards: write out what the certificate has"
                case .badName:
                    "the second word, the caller's name, does not have \(CallerName.rule)"
                case .badScopes: "the third word is no list of \(Self.scopes)"
                case .tooManyWords: "more than three words: write \\20 for a space in a subject"
                case .duplicate(let line): "the certificate's name is that of line \(line)"
                case .tooManyEntries: "more than \(ClientMap.entriesMax) certificates"
                }
            return "line \(line): \(text)"
        }
    }

    /// In the order of the lines; never empty.
    package let faults: [Fault]

    package init(faults: [Fault]) {
        self.faults = faults
    }
}
