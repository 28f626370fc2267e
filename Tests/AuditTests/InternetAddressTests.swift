import PostgreSQL
import Testing

@testable import Audit

/// Its bytes as a row has them.
private func inetBytes(_ text: String) -> [UInt8]? {
    InternetAddress(text).map { address in
        let tuple = BinaryTuple(capacity: BinaryTuple.lengthBytes + InternetAddress.bytesMax, address.append)
        return Array(tuple.field(0))
    }
}

struct InternetAddressTests {
    @Test func `an IPv4 address has four bytes`() {
        #expect(inetBytes("192.0.2.7") == [2, 32, 0, 4, 192, 0, 2, 7])
    }

    @Test(arguments: ["2001:db8::7", "2001:db8::7%eth0"])
    func `an IPv6 address has sixteen, and no zone`(text: String) {
        #expect(
            inetBytes(text) == [3, 128, 0, 16] + [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [7])
    }

    @Test(arguments: ["", "localhost", "192.0.2", "192.0.2.7:80", "unix:/run/x", "::1::"])
    func `what is no address has none`(text: String) {
        #expect(inetBytes(text) == nil)
    }
}
