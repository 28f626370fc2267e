internal import COpenSSL
internal import LibCrypto
internal import Synchronization

/// The keys of session tickets (RFC 5077 §4, RFC 8446 §4.6.1), one set for all loops.
///
/// Who gets hold of a key can read the sessions under it, so each is used for a while only, and accepted for as long
/// again. Lives as long as any context that it was given to.
package final class TicketKeys: Sendable {
    /// How long a key makes tickets, and how long a ticket is good for.
    package static let lifetime = Duration.seconds(3600)
    static let nameBytes = 16

    struct Key: Sendable {
        let name: [UInt8]
        private(set) var encryption: [UInt8]
        private(set) var authentication: [UInt8]
        let madeAt: ContinuousClock.Instant

        init(at now: ContinuousClock.Instant) throws(RandomnessUnavailable) {
            name = try randomBytes(TicketKeys.nameBytes)
            encryption = try randomBytes(32)
            authentication = try randomBytes(32)
            madeAt = now
        }

        mutating func wipe() {
            LibCrypto.wipe(&encryption)
            LibCrypto.wipe(&authentication)
        }
    }

    /// The newest first; at most two.
    private let keys = Mutex<[Key]>([])

    package init() {}

    /// Makes a new key where it is time, and forgets those that nothing is accepted under any more. Called whenever a
    /// ticket is made or read; a service that idles calls it now and then, so that no key outlives its use.
    package func rotate(at now: ContinuousClock.Instant = .now) {
        _ = current(at: now)
    }

    /// - Returns: nil where there is no randomness.
    func current(at now: ContinuousClock.Instant) -> Key? {
        keys.withLock { keys in
            for index in keys.indices.reversed() where keys[index].madeAt + Self.lifetime * 2 <= now {
                keys[index].wipe()
                keys.remove(at: index)
            }
            if let first = keys.first, now < first.madeAt + Self.lifetime { return first }
            guard let key = try? Key(at: now) else { return nil }
            // There is one other at most: what was before that is too old.
            keys.insert(key, at: 0)
            return key
        }
    }

    /// - Returns: the key of that name, and whether it is the current one; nil: it is forgotten, or never was.
    func find(_ name: some Sequence<UInt8>, at now: ContinuousClock.Instant) -> (key: Key, isCurrent: Bool)? {
        rotate(at: now)
        return keys.withLock { keys in
            guard let index = keys.firstIndex(where: { $0.name.elementsEqual(name) }) else { return nil }
            return (keys[index], index == 0)
        }
    }
}

/// Sets up the cipher and the MAC of one ticket: AES-256-CBC and HMAC-SHA-256, as RFC 5077 §4 recommends.
/// - Returns: 1: done; 2: done, and the client is to get a new ticket; 0: no such key, so a full handshake; -1: failed.
func useTicketKey(
    _ ssl: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?, _ iv: UnsafeMutablePointer<UInt8>?,
    _ cipher: OpaquePointer?, _ mac: OpaquePointer?, _ isForEncrypting: Int32
) -> Int32 {
    guard let ssl = unsafe ssl, let name = unsafe name, let iv = unsafe iv,
        let context = unsafe SSL_get_SSL_CTX(ssl), let data = unsafe SSL_CTX_get_ex_data(context, 0)
    else { return -1 }
    let keys = unsafe Unmanaged<TicketKeys>.fromOpaque(data).takeUnretainedValue()
    let nameRoom = unsafe UnsafeMutableBufferPointer(start: name, count: TicketKeys.nameBytes)
    if isForEncrypting == 1 {
        guard let key = keys.current(at: .now), unsafe RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1
        else { return -1 }
        _ = unsafe nameRoom.update(fromContentsOf: key.name)
        return unsafe EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key.encryption, iv, nil) == 1
            && copenssl_hmac_sha256_init(mac, key.authentication, key.authentication.count) == 1 ? 1 : -1
    }
    guard let (key, isCurrent) = unsafe keys.find(nameRoom, at: .now) else { return 0 }
    guard unsafe EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key.encryption, iv, nil) == 1,
        unsafe copenssl_hmac_sha256_init(mac, key.authentication, key.authentication.count) == 1
    else { return -1 }
    // In TLS 1.3 a ticket is for one use (RFC 8446 §C.4).
    return unsafe isCurrent && SSL_version(ssl) < TLS1_3_VERSION ? 1 : 2
}
