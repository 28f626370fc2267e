import COpenSSL

/// libcrypto's generator could not give that many bytes: nothing secret may be made now.
package struct RandomnessUnavailable: Error {}

/// Bytes fit for keys, from libcrypto's generator.
package func randomBytes(_ count: Int) throws(RandomnessUnavailable) -> [UInt8] {
    // The C function counts in 32 bits.
    guard let wanted = Int32(exactly: count) else { throw RandomnessUnavailable() }
    var bytes = [UInt8](repeating: 0, count: count)
    let succeeded = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        unsafe RAND_bytes(buffer.baseAddress, wanted)
    }
    guard succeeded == 1 else { throw RandomnessUnavailable() }
    return bytes
}
