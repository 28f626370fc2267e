internal import EventLoop

/// Whose tokens are accepted.
package struct TokenSettings: Sendable, Equatable {
    package static let issuersMax = 16

    package enum Keys: Sendable, Equatable {
        case file(path: String)
        case url(KeyServerURL)
        /// The address is in the OpenID Connect configuration of the issuer, whose name is this URL.
        case discovery(KeyServerURL)

        func source(on loop: EventLoop) -> any KeySetSource {
            switch self {
            case .file(let path): KeySetFile(path: path)
            case .url(let url): KeySetServer(address: .keys(url), loop: loop)
            case .discovery(let url): KeySetServer(address: .issuer(url), loop: loop)
            }
        }
    }

    package struct Issuer: Sendable, Equatable {
        /// Exactly as tokens have it in `iss`.
        package var name: String
        package var keys: Keys
        /// Tokens signed otherwise are refused, whatever its keys could do.
        package var algorithms: Set<SignatureAlgorithm>

        package init(
            name: String, keys: Keys, algorithms: Set<SignatureAlgorithm> = Set(SignatureAlgorithm.allCases)
        ) {
            self.name = name
            self.keys = keys
            self.algorithms = algorithms
        }
    }

    /// Blocking.
    package static func checkKeys(inFile path: String) throws(KeySetFault) {
        _ = try KeySetFile.read(path)
    }

    /// No two have the same name.
    package var issuers: [Issuer]
    package var rules: TokenRules

    package init(issuers: [Issuer], rules: TokenRules) {
        self.issuers = issuers
        self.rules = rules
    }
}
