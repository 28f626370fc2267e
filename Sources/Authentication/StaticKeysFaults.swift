internal import Heartbeat

/// All that is wrong with a list of static keys. Says on which lines, but nothing of what stands there:
/// somebody may have written a key instead of its hash.
package struct StaticKeysFaults: Error, Sendable, Hashable {
    package struct Fault: Sendable, Hashable, CustomStringConvertible {
        package enum Reason: Sendable, Hashable {
            case badName
            case badHash
            case badScopes
            /// `line`: where the name stood before.
            case duplicateName(line: Int)
            /// `line`: where the hash stood before.
            case duplicateKey(line: Int)
            case tooManyKeys
        }

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
                case .badName:
                    "the name before the colon does not have \(CallerName.rule)"
                case .badHash: "what follows the colon is not a SHA-256 in 64 hexadecimal digits"
                case .badScopes:
                    "what follows the second colon is no list of \(Self.scopes)"
                case .duplicateName(let line): "the name is that of line \(line)"
                case .duplicateKey(let line): "the key is that of line \(line)"
                case .tooManyKeys: "more than \(StaticKeys.keysMax) keys"
                }
            return "line \(line): \(text)"
        }
    }

    /// In the order of the lines; never empty.
    package let faults: [Fault]
}
