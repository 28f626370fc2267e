import Testing

@testable import Transport

struct TicketKeysTests {
    private let start = ContinuousClock.now

    @Test func `a key makes tickets for its time, and they are read for as long again`() throws {
        let keys = TicketKeys()
        let first = try #require(keys.current(at: start))
        let beforeEnd = start + TicketKeys.lifetime - .seconds(1)
        #expect(keys.current(at: beforeEnd)?.name == first.name)
        #expect(keys.find(first.name, at: beforeEnd)?.isCurrent == true)
        let second = try #require(keys.current(at: start + TicketKeys.lifetime))
        #expect(second.name != first.name)
        #expect(second.encryption != first.encryption)
        #expect(second.authentication != first.authentication)
        let found = keys.find(first.name, at: start + TicketKeys.lifetime)
        #expect(found?.isCurrent == false)
        #expect(found?.key.encryption == first.encryption)
        #expect(keys.find(first.name, at: start + TicketKeys.lifetime * 2) == nil)
        #expect(keys.find(second.name, at: start + TicketKeys.lifetime * 2) != nil)
    }

    @Test func `a key that was idle too long is not read, also where it is the newest`() throws {
        let keys = TicketKeys()
        let key = try #require(keys.current(at: start))
        #expect(keys.find(key.name, at: start + TicketKeys.lifetime * 2) == nil)
    }

    @Test func `a name that nobody gave is not found`() {
        let keys = TicketKeys()
        keys.rotate(at: start)
        #expect(keys.find([UInt8](repeating: 0, count: TicketKeys.nameBytes), at: start) == nil)
    }
}
