package import Heartbeat
internal import LibCrypto

/// Makes what `task_token_sha256` has of a task.
///
/// Not Sendable: for use on one loop only.
package struct TaskHasher {
    private let hasher = SHA256Hasher()

    package init() {}

    package func hash(of token: TaskToken) -> TaskHash {
        TaskHash(hasher.digest(of: token.secret.utf8.span))
    }
}
