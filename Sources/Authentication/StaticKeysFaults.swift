internal import Heartbeat

/// All that is wrong with a list of static keys. Says on which lines, but nothing of what stands there:
/// somebody may have written a key instead of its hash.
package typealias StaticKeysFaults = LineFaults<StaticKeysFault>

package enum StaticKeysFault: Sendable, Hashable, CustomStringConvertible {
    case badName
    case badHash
    case badScopes
    /// `line`: where the name stood before.
    case duplicateName(line: Int)
    /// `line`: where the hash stood before.
    case duplicateKey(line: Int)
    case tooManyKeys

    package var description: String {
        switch self {
        case .badName: "the name before the colon does not have \(CallerName.rule)"
        case .badHash: "what follows the colon is not a SHA-256 in 64 hexadecimal digits"
        case .badScopes: "what follows the second colon is no list of \(Scope.allNames)"
        case .duplicateName(let line): "the name is that of line \(line)"
        case .duplicateKey(let line): "the key is that of line \(line)"
        case .tooManyKeys: "more than \(StaticKeys.keysMax) keys"
        }
    }
}
