import EventLoop
import HTTP
import Testing
import Transport

@testable import HTTPServer

/// A peer that gives and takes one byte at a time, each after a wait.
private final class DrippingTransport: Transport {
    static let pause = Duration.milliseconds(2)

    let peerAddress: String? = nil
    let isDrained = false
    private(set) var written: [UInt8] = []
    private var incoming: ArraySlice<UInt8>
    private var isReady = false
    private let loop: EventLoop

    init(_ incoming: String, on loop: EventLoop) {
        self.incoming = Array(incoming.utf8)[...]
        self.loop = loop
    }

    func read(into buffer: inout ReceiveBuffer) -> Progress {
        guard isReady else { return .needsRead }
        guard let byte = incoming.popFirst() else { return .closed }
        isReady = false
        return .done(
            buffer.fill {
                $0[0] = byte; return 1
            })
    }

    func write(_ bytes: [UInt8], from offset: Int) -> Progress {
        guard isReady else { return .needsWrite }
        isReady = false
        written.append(bytes[offset])
        return .done(1)
    }

    func wait(for direction: Readiness.Direction) async -> Readiness.Wake {
        await loop.pause(for: Self.pause)
        isReady = true
        return .ready
    }

    func whenReadable(wake sleeper: any Sleeper) -> Bool { false }
    func interrupt() {}
    func endWriting() {}
    func close() {}
}

/// No byte may buy another whole timeout.
@Suite(.timeLimit(.minutes(10)))
struct DripTests {
    /// What a dripping client that sends `request` has received at the end.
    private func answer(to request: String, _ change: (inout Limits) -> Void) async throws -> String {
        var limits = Limits()
        change(&limits)
        let loop = try EventLoop(name: "drip")
        let (answers, answer) = AsyncStream<String>.makeStream()
        loop.start { [limits] in
            let transport = DrippingTransport(request, on: loop)
            let handler = TestHandler(on: loop) { _ in }
            let commons = Commons(on: loop, handler: handler, limits: limits, date: DateField())
            await Connection(over: transport, commons) { _, _ in }.run()
            answer.yield(String(decoding: transport.written, as: UTF8.self))
            answer.finish()
        }
        return try #require(await answers.first { _ in true })
    }

    @Test func `a patient server takes and gives every byte`() async throws {
        let answer = try await answer(to: "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") { _ in }
        #expect(answer.hasSuffix("\r\n\r\nGET /a "))
    }

    @Test func `a head`() async throws {
        let head = "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 100))\r\n\r\n"
        let answer = try await answer(to: head) { $0.headerTimeout = .milliseconds(20) }
        #expect(answer.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `a body`() async throws {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"
        let answer = try await answer(to: head + String(repeating: "b", count: 100)) {
            $0.bodyTimeout = .milliseconds(20)
        }
        #expect(answer.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `an answer`() async throws {
        let path = "/" + String(repeating: "a", count: 100)
        let answer = try await answer(to: "GET \(path) HTTP/1.0\r\n\r\n") { $0.writeTimeout = .milliseconds(20) }
        #expect(answer.hasPrefix("H"))
        #expect(!answer.hasSuffix(path + " "))
    }
}
