import EventLoop
import Foundation
import Heartbeat
import Synchronization
import TestSupport
import Testing

@testable import Authentication

/// How keys are come by, and what becomes of tokens meanwhile.
@Suite(.timeLimit(.minutes(10)))
struct KeySetKeeperTests {
    private let turns: [Tokens.Turn]

    init() throws {
        turns = try Tokens.made().series
    }

    @Test func `a provider changes its keys: one fetch for a new key, and the old one's tokens are forgotten`() throws {
        let turns = turns
        let time = ManualTime()
        let source = ScriptedKeys { load throws(KeySetFault) in
            (try KeySet(text: turns[load - 1].keys), lifetime: .seconds(3600))
        }
        let names = try EventLoop.run { loop in
            let verifier = TokenVerifier(KeySetKeeper(source, on: loop, time: time))
            var names = [await verifier.name(turns[0].token), await verifier.name(turns[0].token)]
            // Too early to ask again.
            names.append(await verifier.name(turns[1].token))
            time.advance(milliseconds: 30_000)
            names.append(await verifier.name(turns[1].token))
            names.append(await verifier.name(turns[0].token))
            return names
        }
        #expect(names == ["worker", "worker", nil, "worker", nil])
        #expect(source.loads == 2)
    }

    @Test func `a token is remembered, and forgotten at its end or with its key`() throws {
        let turns = turns
        let time = ManualTime()
        let now = Mutex(Tokens.now)
        let seen = try EventLoop.run { loop in
            let source = ScriptedKeys { load throws(KeySetFault) in
                (try KeySet(text: turns[load < 2 ? 0 : 1].keys), lifetime: .seconds(3600))
            }
            let keeper = KeySetKeeper(source, on: loop, time: time)
            func verifier() -> TokenVerifier {
                TokenVerifier(
                    Tokens.rules, [(keeper, Set(SignatureAlgorithm.allCases))], now: { now.withLock { $0 } })
            }
            let token = Array(turns[0].token.utf8)[...]
            let (first, second) = (verifier(), verifier())
            var seen = [first.rememberedCaller(of: token)?.name]
            for verifier in [first, second] {
                _ = await verifier.caller(of: token, deadline: .now + .seconds(60))
                seen.append(verifier.rememberedCaller(of: token)?.name)
            }
            now.withLock { $0 += 599 }
            seen.append(first.rememberedCaller(of: token)?.name)
            now.withLock { $0 += 1 }
            seen.append(first.rememberedCaller(of: token)?.name)
            now.withLock { $0 = Tokens.now }
            time.advance(milliseconds: 30_000)
            await keeper.refresh(deadline: .now + .seconds(60))
            seen.append(second.rememberedCaller(of: token)?.name)
            return seen
        }
        #expect(seen == [nil, "worker", "worker", "worker", nil, nil])
    }

    @Test func `those who come at once wait for one fetch`() throws {
        let turns = turns
        let (loads, names) = try EventLoop.run { loop in
            nonisolated(unsafe) let flight = Flight<Void>(on: loop)
            let source = ScriptedKeys { _ throws(KeySetFault) in
                await flight.wait(until: .now + .seconds(60))
                return (try KeySet(text: turns[0].keys), lifetime: .seconds(3600))
            }
            let verifier = TokenVerifier(KeySetKeeper(source, on: loop))
            let names = await withTaskGroup { group in
                for _ in 0..<50 { group.addTask { await verifier.name(turns[0].token) } }
                // All of them are at the gate, or on their way, once this task has its turn again.
                for _ in 0..<10 { await Task.yield() }
                flight.land(())
                var names: [String?] = []
                for await name in group { names.append(name) }
                return names
            }
            return (source.loads, names)
        }
        #expect(loads == 1)
        #expect(names == Array(repeating: "worker", count: 50))
    }

    @Test func `a token does not wait longer than it may for a provider that stalls`() throws {
        let turns = turns
        let name = try EventLoop.run { loop in
            nonisolated(unsafe) let flight = Flight<Void>(on: loop)
            let source = ScriptedKeys { _ throws(KeySetFault) in
                await flight.wait(until: .now + .seconds(60))
                return (try KeySet(text: turns[0].keys), lifetime: .seconds(3600))
            }
            let verifier = TokenVerifier(KeySetKeeper(source, on: loop))
            let name = await verifier.name(turns[0].token, within: .milliseconds(1))
            flight.land(())
            return name
        }
        #expect(name == nil)
    }

    @Test func `keys stay in use while the provider is away, and failures are told once`() throws {
        let turns = turns
        let time = ManualTime()
        let events = Mutex<[KeySetEvent]>([])
        let fault = KeySetFault("answered 500")
        let names = try EventLoop.run { loop in
            let source = ScriptedKeys { load throws(KeySetFault) in
                if load == 2 || load == 3 { throw fault }
                return (try KeySet(text: turns[0].keys), lifetime: .seconds(3600))
            }
            let keeper = KeySetKeeper(source, on: loop, time: time) { event in events.withLock { $0.append(event) } }
            let verifier = TokenVerifier(keeper)
            var names = [await verifier.name(turns[0].token)]
            for _ in 0..<3 {
                time.advance(milliseconds: 30_000)
                names.append(await verifier.name(turns[1].token))
                names.append(await TokenVerifier(keeper).name(turns[0].token))
            }
            return names
        }
        #expect(names == ["worker", nil, "worker", nil, "worker", nil, "worker"])
        let issuer = Tokens.issuer
        #expect(
            events.withLock { $0 } == [
                .changed(issuer: issuer, count: 1, skipped: []),
                .failed(issuer: issuer, fault, isNews: true, hasKeys: true),
                .failed(issuer: issuer, fault, isNews: false, hasKeys: true),
                .changed(issuer: issuer, count: 1, skipped: []),
            ])
    }

    @Test func `a provider returns 500, stalls, lies and redirects, and at last has other keys`() throws {
        let turns = turns
        let gate = Gate()
        let answers: [@Sendable () -> [StubServer.Step]] = [
            { ProviderRow.json(turns[0].keys) },
            { ProviderRow.json(turns[1].keys, status: "500 Oops") },
            {
                gate.wait()
                return [.reset]
            },
            { ProviderRow.json("<html>\(turns[1].keys)</html>") },
            { ProviderRow.json(turns[1].keys, status: "302 Found", fields: "Location: /elsewhere\r\n") },
            { ProviderRow.json(turns[1].keys) },
        ]
        let asked = Mutex(0)
        let provider = try StubServer { _ in
            let number = asked.withLock { count in
                defer { count += 1 }
                return count
            }
            return answers[min(number, answers.count - 1)]()
        }
        let address = try #require(KeyServerURL("\(provider.url)/keys"))
        let time = ManualTime()
        let events = Mutex(0)
        let (seen, whileStalled) = try EventLoop.run { loop in
            let server = KeySetServer(address: .keys(address), loop: loop)
            let keeper = KeySetKeeper(server, on: loop, time: time) { _ in events.withLock { $0 += 1 } }
            // Verified anew, each time.
            func name(_ turn: Int) async -> String? {
                await TokenVerifier(keeper).name(turns[turn].token, within: .milliseconds(1))
            }
            var (seen, whileStalled): ([[String?]], [String?]) = ([], [])
            for load in 1...answers.count {
                _ = await name(load == 1 ? 0 : 1)
                if load == 3 {
                    whileStalled = [await name(0), await name(1)]
                    gate.open()
                }
                while events.withLock({ $0 }) < load { await keeper.refresh(deadline: .now + .seconds(60)) }
                seen.append([await name(0), await name(1)])
                time.advance(milliseconds: 30_000)
            }
            return (seen, whileStalled)
        }
        #expect(seen == Array(repeating: ["worker", nil], count: 5) + [[nil, "worker"]])
        #expect(whileStalled == ["worker", nil])
        #expect(provider.requests.count == answers.count)
    }

    @Test func `it fetches by itself at the start and when keys are due, until it is stopped`() throws {
        let turns = turns
        let names = try EventLoop.run { loop in
            nonisolated(unsafe) let seen = Wakeup(on: loop)
            nonisolated(unsafe) var loads = 0
            let source = ScriptedKeys { load throws(KeySetFault) in
                unsafe loads = load
                unsafe seen.signal()
                return (try KeySet(text: turns[min(load, 3) - 1].keys), lifetime: load < 3 ? .zero : .seconds(3600))
            }
            let keeper = KeySetKeeper(Tokens.issuer, source, on: loop) { _ in }
            let verifier = TokenVerifier(keeper)
            await keeper.start()
            while unsafe loads < 3 { unsafe await seen.wait() }
            let name = await verifier.name(turns[2].token)
            await keeper.stop()
            unsafe seen.cancel()
            return name
        }
        #expect(names == "worker")
    }

    @Test func `what is remembered is bounded, and what is used stays`() {
        var remembered = RememberedTokens()
        func key(_ number: Int) -> RememberedTokens.Key { RememberedTokens.Key(of: Array("\(number)".utf8)[...]) }
        let entry = RememberedTokens.Entry(
            caller: .init(name: "worker", authentication: .jwt), expiration: 1, issuer: 0, signer: [])
        var most = 0
        for number in 0..<30_000 {
            remembered.insert(entry, for: key(number))
            most = max(most, remembered.count)
            if number % 1000 == 0 { #expect(remembered.find(key(0)) != nil, "\(number)") }
        }
        #expect((RememberedTokens.countMax - 10...RememberedTokens.countMax).contains(most))
        #expect(remembered.find(key(29_999)) != nil)
        #expect(remembered.find(key(1)) == nil)
    }
}
