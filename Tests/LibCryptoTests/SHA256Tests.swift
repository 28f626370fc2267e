import LibCrypto
import Testing

@Suite struct SHA256Tests {
    struct Vector: CustomTestStringConvertible {
        let name: String
        let message: [UInt8]
        let digest: String

        var testDescription: String { name }
    }

    /// The examples that NIST publishes for FIPS 180-4.
    static let vectors = [
        Vector(
            name: "empty", message: [], digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Vector(
            name: "one block", message: Array("abc".utf8),
            digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Vector(
            name: "two blocks", message: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            digest: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        Vector(
            name: "a million letters", message: [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
            digest: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: vectors) func `published digests`(vector: Vector) {
        #expect(lowercaseHex(SHA256.hash(vector.message)) == vector.digest)
        let ofSpan = SHA256.hash(vector.message.span)
        #expect(lowercaseHex(ofSpan) == vector.digest)
        let hasher = SHA256Hasher()
        let digests = [vector.message, [0xFF], vector.message].map { message in
            let digest = hasher.digest(of: message.span)
            return lowercaseHex(digest.indices.map { digest[$0] })
        }
        #expect(digests[0] == vector.digest)
        #expect(digests[1] != vector.digest)
        #expect(digests[2] == vector.digest)
    }
}
