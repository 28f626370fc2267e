internal import Glibc
internal import PostgreSQL

/// A numeric address in the binary format of `inet` (`network_recv` in PostgreSQL's network.c): family, bits of the
/// mask, whether it is a `cidr`, length, address. An IPv6 zone is left out, as the type knows none.
struct InternetAddress {
    static let bytesMax = 20
    private static let headBytes = 4
    private static let familyIPv4: UInt8 = 2
    private static let familyIPv6: UInt8 = 3

    private var bytes = InlineArray<20, UInt8>(repeating: 0)
    private let count: Int

    /// - Returns: nil for what is no address.
    init?(_ text: String) {
        var (address4, address6) = (in_addr(), in6_addr())
        // By `withCString`, as an argument that is a text would be copied to the heap.
        if unsafe text.withCString({ unsafe inet_pton(AF_INET, $0, &address4) }) == 1 {
            count = Self.headBytes + 4
            unsafe withUnsafeBytes(of: &address4) { unsafe fill(Self.familyIPv4, $0) }
            return
        }
        count = Self.headBytes + 16
        let withoutZone = String(text.prefix { $0 != "%" })
        guard unsafe withoutZone.withCString({ unsafe inet_pton(AF_INET6, $0, &address6) }) == 1 else { return nil }
        unsafe withUnsafeBytes(of: &address6) { unsafe fill(Self.familyIPv6, $0) }
    }

    private mutating func fill(_ family: UInt8, _ address: UnsafeRawBufferPointer) {
        bytes[0] = family
        bytes[1] = UInt8(address.count * 8)
        bytes[3] = UInt8(address.count)
        for index in address.indices { bytes[Self.headBytes + index] = unsafe address[index] }
    }

    func append(to tuple: inout FieldWriter) {
        tuple.append(bytes.span.extracting(first: count))
    }
}
