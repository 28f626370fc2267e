import Testing

@testable import Authentication

@Suite struct RecentlyUsedTests {
    @Test func `what was not used for the longest time is forgotten`() {
        var table = RecentlyUsed<String, Int>(countMax: 3)
        for (value, key) in ["a", "b", "c"].enumerated() { table.set(value, for: key) }
        #expect(table["a"] == 0)
        table.set(4, for: "b")
        table.set(3, for: "d")
        #expect(table["c"] == nil)
        #expect(table["a"] == 0 && table["b"] == 4 && table["d"] == 3)
        table.set(5, for: "e")
        #expect(table["a"] == nil)
        #expect(table.count == 3)
    }

    @Test(arguments: 1...5) func `any order of uses is as in a list`(_ countMax: Int) {
        var random = SystemRandomNumberGenerator()
        var table = RecentlyUsed<Int, Int>(countMax: countMax)
        var list: [(key: Int, value: Int)] = []
        for step in 0..<2000 {
            let key = Int.random(in: 0..<8, using: &random)
            let place = list.firstIndex { $0.key == key }
            if Bool.random(using: &random) {
                #expect(table[key] == place.map { list[$0].value })
                if let place { list.append(list.remove(at: place)) }
            } else {
                table.set(step, for: key)
                if let place { list.remove(at: place) }
                list.append((key, step))
                if list.count > countMax { list.removeFirst() }
            }
            #expect(table.count == list.count)
        }
    }
}
