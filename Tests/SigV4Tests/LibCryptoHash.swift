import LibCrypto
import SigV4

extension HashFunctions {
    static var libcrypto: HashFunctions {
        HashFunctions(sha256: SHA256Hasher().digest, hmacSHA256: { HMACSHA256(key: $0).code })
    }
}

/// The access key of all of AWS's published examples.
let exampleCredentials = Credentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
