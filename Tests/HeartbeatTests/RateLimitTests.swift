import HTTP
import Heartbeat
import Testing

/// What is done to one bucket, and how it then stands.
private struct BucketRow: NamedRow {
    let name: String
    let limit: String
    /// For each call, milliseconds since the first.
    let calls: [Int]
    let allowed: [Bool]
    /// After the last.
    let remaining: Int
    /// In milliseconds.
    let wait: Int
    let untilFull: Int

    static let all: [BucketRow] = [
        BucketRow(
            name: "a first call", limit: "10/s:5", calls: [0], allowed: [true], remaining: 4, wait: 0, untilFull: 100),
        BucketRow(
            name: "the whole burst", limit: "10/s:3", calls: [0, 0, 0], allowed: [true, true, true], remaining: 0,
            wait: 0, untilFull: 300),
        BucketRow(
            name: "one beyond it", limit: "10/s:3", calls: [0, 0, 0, 0], allowed: [true, true, true, false],
            remaining: 0, wait: 100, untilFull: 300),
        BucketRow(
            name: "almost in time", limit: "10/s:3", calls: [0, 0, 0, 99], allowed: [true, true, true, false],
            remaining: 0, wait: 1, untilFull: 201),
        BucketRow(
            name: "in time", limit: "10/s:3", calls: [0, 0, 0, 100], allowed: [true, true, true, true],
            remaining: 0, wait: 0, untilFull: 300),
        BucketRow(
            name: "refused calls cost nothing", limit: "1/s:1", calls: [0, 300, 600, 900, 1000],
            allowed: [true, false, false, false, true], remaining: 0, wait: 0, untilFull: 1000),
        BucketRow(
            name: "no more than the burst is saved", limit: "10/s:2", calls: [0, 60_000, 60_000, 60_000],
            allowed: [true, true, true, false], remaining: 0, wait: 100, untilFull: 200),
        BucketRow(
            name: "half of it is back", limit: "10/s:4", calls: [0, 0, 0, 0, 250],
            allowed: [true, true, true, true, true], remaining: 1, wait: 0, untilFull: 250),
        BucketRow(
            name: "a rate that divides no second", limit: "3/s:3", calls: [0, 0, 0, 333, 334],
            allowed: [true, true, true, false, true], remaining: 0, wait: 0, untilFull: 999),
    ]
}

private let start = Moment.now

private func after(_ milliseconds: Int) -> Moment { start + .milliseconds(milliseconds) }

struct TokenBucketTests {
    @Test(arguments: BucketRow.all) fileprivate func `calls`(row: BucketRow) throws {
        let limit = try #require(RateLimit(row.limit))
        var bucket = TokenBucket(now: start)
        let standings = row.calls.map { bucket.take(limit, now: after($0)) }
        #expect(standings.map(\.isAllowed) == row.allowed)
        let last = try #require(standings.last)
        #expect(last.remaining == row.remaining)
        #expect(milliseconds(last.wait) == row.wait)
        #expect(milliseconds(last.untilFull) == row.untilFull)
    }

    /// Rounded, as some rates divide no second.
    private func milliseconds(_ duration: Duration) -> Int { Int((duration / .milliseconds(1)).rounded()) }

    @Test(arguments: ["1/s:1", "3/s:7", "10/s:50", "999999/s:1", "1000000/s:1000000", "7/s:1000000"])
    func `after the time that a refusal names, and not before, there is a token`(text: String) throws {
        let limit = try #require(RateLimit(text))
        var bucket = TokenBucket(now: start)
        var last = bucket.take(limit, now: start)
        while last.isAllowed { last = bucket.take(limit, now: start) }
        #expect(last.remaining == 0)
        #expect(!bucket.take(limit, now: start + last.wait - .nanoseconds(1)).isAllowed)
        #expect(bucket.take(limit, now: start + last.wait).isAllowed)
    }

    @Test func `another limit holds from its first call on`() throws {
        let (slow, fast) = (try #require(RateLimit("1/s:2")), try #require(RateLimit("100/s:1000")))
        var bucket = TokenBucket(now: start)
        for _ in 0..<2 { #expect(bucket.take(slow, now: start).isAllowed) }
        #expect(!bucket.take(slow, now: start).isAllowed)
        #expect(bucket.take(fast, now: start).isAllowed)
    }

    @Test func `what is drained is owed no longer than a whole burst takes`() throws {
        let limit = try #require(RateLimit("1/s:10"))
        var bucket = TokenBucket(now: start)
        for _ in 0..<9 { bucket.drain(limit, now: start) }
        #expect(bucket.wait(limit, now: start) == .zero)
        for _ in 0..<90 { bucket.drain(limit, now: start) }
        #expect(bucket.wait(limit, now: start) == .seconds(1))
        #expect(bucket.wait(limit, now: after(1000)) == .zero)
    }
}

struct BucketTableTests {
    @Test func `each has a bucket of its own`() throws {
        let limit = try #require(RateLimit("1/s:1"))
        var table = BucketTable<String>(bucketsMax: 4)
        #expect(table.take("a", limit, now: start).isAllowed)
        #expect(!table.take("a", limit, now: start).isAllowed)
        #expect(table.take("b", limit, now: start).isAllowed)
        #expect(table["a"]?.wait(limit, now: start) == .seconds(1))
        #expect(table["c"] == nil)
    }

    @Test func `a full table lets go of the fullest`() throws {
        let limit = try #require(RateLimit("1/s:100"))
        var table = BucketTable<Int>(bucketsMax: 8)
        // The higher its number, the emptier.
        for number in 0..<8 { for _ in 0...number { _ = table.take(number, limit, now: start) } }
        _ = table.take(8, limit, now: start)
        #expect(table.count == 5)
        #expect(table.take(7, limit, now: start).remaining == 100 - 9)
        #expect(table.take(4, limit, now: start).remaining == 100 - 6)
        #expect(table.take(3, limit, now: start).remaining == 99)
    }

    @Test func `it never has more than its places`() throws {
        let limit = try #require(RateLimit("1/s"))
        for places in 2...9 {
            var table = BucketTable<Int>(bucketsMax: places)
            for number in 0..<100 {
                if number.isMultiple(of: 2) { _ = table.take(number, limit, now: start) }
                table.drain(number, limit, now: start)
                #expect((1...places).contains(table.count))
            }
        }
    }
}

struct RateLimitTests {
    @Test(arguments: [
        ("1/s", "1/s:1"), ("10/s", "10/s:10"), ("10/s:50", "10/s:50"), ("1000000/s:1000000", "1000000/s:1000000"),
        ("0/s", nil), ("10", nil), ("10/s:", nil), ("10/s:0", nil), ("/s", nil), ("-1/s", nil), ("10/m", nil),
        ("1000001/s", nil), ("10/s:5:5", nil), ("", nil), ("１/s", nil), ("1.5/s", nil), ("10/s:1000001", nil),
    ])
    func `as operators write it`(text: String, read: String?) {
        #expect(RateLimit(text).map { "\($0)" } == read)
    }

    @Test(arguments: [
        (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(999), 1), (.seconds(1), 1), (.milliseconds(1001), 2),
    ])
    func `seconds are rounded up`(duration: Duration, seconds: Int) {
        #expect(duration.secondsRoundedUp == seconds)
    }
}

struct CallLimitTests {
    private static func standing(wait: Duration = .zero) throws -> RateStanding {
        RateStanding(
            limit: try #require(RateLimit("10/s:25")), wait: wait, remaining: 3, untilFull: .milliseconds(2200))
    }

    private static let paths: [(Method, String)] = [
        (.post, "/tasks/\(Fakes.token)/heartbeat"), (.get, "/tasks/\(Fakes.token)"),
        (.get, "/tasks/\(Fakes.token)/heartbeats"),
    ]

    @Test func `every answer to a caller with a limit says how it stands`() async throws {
        for (method, path) in Self.paths {
            for scopes: Set<Scope> in [[.heartbeat, .audit], []] {
                let fakes = Fakes()
                fakes.standing = try Self.standing()
                fakes.scopes = scopes
                let response = await fakes.respond(method, path)
                #expect((response.status == 403) == scopes.isEmpty)
                #expect(response["RateLimit-Policy"] == #""default";q=25;w=3"#)
                #expect(response["RateLimit"] == #""default";r=3;t=3"#)
                #expect(fakes.counted.map(\.name) == ["worker"])
            }
        }
    }

    @Test func `nothing is said of a limit where none is set, or nobody is known`() async throws {
        let fakes = Fakes()
        for (method, path) in Self.paths { #expect(await fakes.respond(method, path)["RateLimit"] == nil) }
        fakes.standing = try Self.standing()
        for (method, path) in Self.paths {
            let response = await fakes.respond(method, path, key: "another")
            #expect(response.status == 401)
            #expect(response["RateLimit"] == nil)
            #expect(response["RateLimit-Policy"] == nil)
        }
        #expect(fakes.counted.count == Self.paths.count)
    }

    @Test(arguments: [(1, "1"), (1000, "1"), (1001, "2"), (59_500, "60")])
    func `a call beyond the limit goes nowhere`(milliseconds: Int, retryAfter: String) async throws {
        for (method, path) in Self.paths {
            let fakes = Fakes()
            fakes.scopes = [.admin]
            fakes.standing = try Self.standing(wait: .milliseconds(milliseconds))
            let response = await fakes.respond(method, path)
            #expect(response.status == 429)
            #expect(response["Retry-After"] == retryAfter)
            #expect(response["RateLimit"] == #""default";r=3;t=3"#)
            #expect(!fakes.hasRelayed)
            #expect(fakes.rows.map(\.outcome) == (method == .post ? ["rate_limited"] : []))
            #expect(fakes.rows.allSatisfy { $0.caller?.name == "worker" && $0.status == 429 })
        }
    }

    @Test func `callers who are refused together are not told to come back together`() async throws {
        func wait(_ random: UInt64, _ prepare: (Fakes) throws -> Void) async throws -> String? {
            let fakes = Fakes()
            fakes.random = random
            try prepare(fakes)
            return await fakes.respond()["Retry-After"]
        }
        let refusals: [(Fakes) throws -> Void] = [
            { $0.standing = try Self.standing(wait: .seconds(3)) }, { $0.wait = .seconds(3) },
            { $0.auditFailure = .unavailable }, { $0.isUndecided = true },
            { $0.relay = Relay(outcome: .failure(.unreachable), attempts: 1) },
        ]
        for refusal in refusals {
            let waits = (try await wait(0, refusal), try await wait(.max, refusal))
            let (shortest, longest) = (try #require(waits.0.flatMap(Int.init)), try #require(waits.1.flatMap(Int.init)))
            #expect(shortest < longest)
        }
    }

    @Test func `bad credentials are counted, good ones are not`() async {
        for (method, path) in Self.paths {
            let fakes = Fakes()
            fakes.scopes = [.admin]
            _ = await fakes.respond(method, path)
            #expect(fakes.failures == [])
            #expect(await fakes.respond(method, path, key: "another").status == 401)
            #expect(await fakes.respond(method, path, key: nil).status == 401)
            #expect(fakes.failures == ["192.0.2.1", "192.0.2.1"])
        }
    }

    @Test func `after too many of them credentials are not looked at`() async {
        for (method, path) in Self.paths {
            let fakes = Fakes()
            fakes.wait = .milliseconds(1500)
            let response = await fakes.respond(method, path)
            #expect(response.status == 429)
            #expect(response["Retry-After"] == "2")
            #expect(response["RateLimit"] == nil)
            #expect(!fakes.events.contains(.authenticated))
            #expect(fakes.failures == [])
            #expect(fakes.rows.map(\.outcome) == (method == .post ? ["rate_limited"] : []))
            #expect(fakes.rows.allSatisfy { $0.caller == nil })
        }
    }
}
