import Heartbeat
import LibCrypto

extension TaskHash {
    public init(of token: String) {
        self.init(SHA256Hasher().digest(of: token.utf8.span))
    }
}
