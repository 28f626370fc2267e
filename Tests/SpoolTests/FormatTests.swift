import Spool
import Testing

struct FormatTests {
    @Test func `a frame is what it was in the first version`() {
        #expect(Segment.header.count == 8)
    }
}
