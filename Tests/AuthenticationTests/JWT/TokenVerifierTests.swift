import EventLoop
import Foundation
import HTTP
import Heartbeat
import Testing

@testable import Authentication

@Suite(.timeLimit(.minutes(10)))
struct TokenVerifierTests {
    private let tokens: Tokens

    init() throws {
        tokens = try Tokens.made()
    }

    @Test func `genuine tokens of every algorithm are accepted`() throws {
        let tokens = tokens
        let names = try EventLoop.run { loop in
            let keeper = KeySetKeeper(ScriptedKeys(try KeySet(text: tokens.keys)), on: loop)
            var names: [String: String] = [:]
            for row in tokens.genuine { names[row.name] = await TokenVerifier(keeper).name(row.token) }
            return names
        }
        #expect(tokens.genuine.count > 30)
        for row in tokens.genuine { #expect(names[row.name] == "worker", "\(row.name)") }
    }

    @Test func `an algorithm that the issuer is not allowed is refused, whatever its keys could do`() throws {
        let tokens = tokens
        let (accepted, loads) = try EventLoop.run { loop in
            let keys = ScriptedKeys(try KeySet(text: tokens.keys))
            let keeper = KeySetKeeper(keys, on: loop)
            var accepted: [SignatureAlgorithm: Set<String>] = [:]
            for algorithm in SignatureAlgorithm.allCases {
                let verifier = TokenVerifier(keeper, algorithms: [algorithm])
                for row in tokens.genuine where await verifier.name(row.token) != nil {
                    accepted[algorithm, default: []].insert(row.name)
                }
            }
            let none = TokenVerifier(keeper, algorithms: [])
            for row in tokens.genuine where await none.name(row.token) != nil { accepted[.rs256]?.insert("of none") }
            return (accepted, keys.loads)
        }
        let ofOne = SignatureAlgorithm.allCases.map { accepted[$0] ?? [] }
        #expect(ofOne.allSatisfy { !$0.isEmpty })
        #expect(ofOne.map(\.count).reduce(0, +) == tokens.genuine.count)
        #expect(Set(ofOne.joined()) == Set(tokens.genuine.map(\.name)))
        #expect(loads == 1)
    }

    @Test func `what is forged is refused, and the genuine token after it is not`() throws {
        let tokens = tokens
        let (accepted, locked) = try EventLoop.run { loop in
            let keeper = KeySetKeeper(ScriptedKeys(try KeySet(text: tokens.keys)), on: loop)
            var (accepted, locked): ([String], [String]) = ([], [])
            for row in tokens.attacks {
                let verifier = TokenVerifier(keeper)
                if await verifier.name(row.token) != nil { accepted.append(row.name) }
                for genuine in tokens.genuine.prefix(11) where await verifier.name(genuine.token) != "worker" {
                    locked.append("\(genuine.name) after \(row.name)")
                }
            }
            return (accepted, locked)
        }
        #expect(tokens.attacks.count > 200)
        #expect(accepted == [])
        #expect(locked == [])
    }

    @Test func `a key that is none is left out, and the one beside it stands`() throws {
        let tokens = tokens
        let genuine = try #require(tokens.genuine.first { $0.name == "ES256 by its key" }).token
        let (accepted, locked) = try EventLoop.run { loop in
            var (accepted, locked): ([String], [String]) = ([], [])
            for row in tokens.badKeys {
                let set = try KeySet(text: row.keys)
                if set.count != 1 || set.skipped.count != 1 { accepted.append("\(row.name): \(set.skipped)") }
                let verifier = TokenVerifier(KeySetKeeper(ScriptedKeys(set), on: loop))
                if await verifier.name(row.token) != nil { accepted.append(row.name) }
                if await verifier.name(genuine) != "worker" { locked.append(row.name) }
            }
            return (accepted, locked)
        }
        #expect(tokens.badKeys.count > 40)
        #expect(accepted == [])
        #expect(locked == [])
    }

    @Test func `scopes say what a caller may do`() throws {
        let tokens = tokens
        let callers = try EventLoop.run { loop in
            let keeper = KeySetKeeper(ScriptedKeys(try KeySet(text: tokens.keys)), on: loop)
            var rules = Tokens.rules
            rules.heartbeatScope = "beat"
            let (free, bound) = (TokenVerifier(keeper), TokenVerifier(keeper, rules: rules))
            var callers: [[Set<Scope>?]] = []
            for row in tokens.scopes {
                let token = Array(row.token.utf8)[...]
                callers.append([
                    await free.caller(of: token, deadline: .now)?.scopes,
                    await bound.caller(of: token, deadline: .now)?.scopes,
                ])
            }
            return callers
        }
        for (row, scopes) in zip(tokens.scopes, callers) {
            let wanted = row.wanted.split(separator: " ").map(String.init)
            let own = Set(wanted.compactMap(Scope.init))
            #expect(scopes[0] == own.union([.heartbeat]), "\(row.name)")
            #expect(scopes[1] == (wanted.contains("beat") ? own.union([.heartbeat]) : own), "\(row.name)")
        }
    }

    @Test func `the caller's name is in the claim that is set`() throws {
        let tokens = tokens
        let names = try EventLoop.run { loop in
            let keeper = KeySetKeeper(ScriptedKeys(try KeySet(text: tokens.keys)), on: loop)
            var rules = Tokens.rules
            rules.callerClaim = "azp"
            return [
                await TokenVerifier(keeper).name(tokens.callerClaim),
                await TokenVerifier(keeper, rules: rules).name(tokens.callerClaim),
            ]
        }
        #expect(names == [nil, "client-1"])
    }

    @Test func `a token's caller is known at once after the first time, and never to who takes no tokens`() throws {
        let (tokens, genuine) = (tokens, tokens.genuine[0].token)
        let request = Request.with([("Authorization", "Bearer \(genuine)")])
        let identified = try EventLoop.run { loop in
            let verifier = TokenVerifier(KeySetKeeper(ScriptedKeys(try KeySet(text: tokens.keys)), on: loop))
            let authenticator = CallerAuthenticator(staticKeys: .none, tokens: verifier)
            let first = try authenticator.identify(request)
            let caller = try await authenticator.caller(of: request)
            return (first: first, caller: caller, second: try authenticator.identify(request))
        }
        #expect(identified.first == .undecided)
        #expect(identified.caller?.name == "worker")
        #expect(identified.second == Identification(identified.caller))
        #expect(try CallerAuthenticator(staticKeys: .none).identify(request) == .nobody)
    }

    @Test func `an issuer's keys are good for its own tokens only`() throws {
        let (tokens, genuine) = (tokens, tokens.genuine[0].token)
        let names = try EventLoop.run { loop in
            let all = ScriptedKeys(try KeySet(text: tokens.keys))
            let other = ScriptedKeys(try KeySet(text: tokens.series[0].keys))
            func keeper(_ source: ScriptedKeys, _ issuer: String) -> KeySetKeeper {
                KeySetKeeper(source, issuer: issuer, on: loop)
            }
            let beside = TokenVerifier(keeper(other, "https://other.example"), keeper(all, Tokens.issuer))
            let mistaken = TokenVerifier(keeper(all, "https://other.example"), keeper(other, Tokens.issuer))
            return [await beside.name(genuine), await mistaken.name(genuine)]
        }
        #expect(names == ["worker", nil])
    }

    @Test func `random changes of a token are refused`() throws {
        let tokens = tokens
        let accepted = try EventLoop.run { loop in
            let verifier = TokenVerifier(KeySetKeeper(ScriptedKeys(try KeySet(text: tokens.keys)), on: loop))
            var random = SystemRandomNumberGenerator()
            var accepted: [String] = []
            for _ in 0..<2000 {
                let genuine = tokens.genuine.randomElement(using: &random)?.token ?? ""
                var bytes = Array(genuine.utf8)
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0x21...0x7e, using: &random)
                let changed = String(decoding: bytes, as: UTF8.self)
                if changed != genuine, await verifier.name(changed) != nil { accepted.append(changed) }
            }
            return accepted
        }
        #expect(accepted == [])
    }
}
