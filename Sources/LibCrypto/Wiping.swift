import COpenSSL

/// Overwrites what was secret with zeros, which no compiler leaves out as it would an assignment before the end.
/// - Parameter bytes: the only array of these bytes: where there is another, it keeps them.
package func wipe(_ bytes: inout [UInt8], _ range: Range<Int>) {
    unsafe bytes.withUnsafeMutableBytes { bytes in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[range])
        unsafe OPENSSL_cleanse(room.baseAddress, room.count)
    }
}

package func wipe(_ bytes: inout [UInt8]) {
    wipe(&bytes, bytes.indices)
}
