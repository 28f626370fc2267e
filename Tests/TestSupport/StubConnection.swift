import Foundation

/// What a stub server's threads share.
final class StubServerState: @unchecked Sendable {
    // All guarded by `condition`, which is broadcast when one changes.
    private let condition = NSCondition()
    private var received: [StubServer.Request] = []
    private var openDescriptors: Set<Int32> = []
    private var openedCount = 0

    struct Counts {
        var requestCount: Int
        var openCount: Int
    }

    var requests: [StubServer.Request] { condition.withLock { received } }
    var connectionsOpened: Int { condition.withLock { openedCount } }

    /// - Returns: the connection's number.
    func opened(_ descriptor: Int32) -> Int {
        change {
            openDescriptors.insert(descriptor)
            openedCount += 1
            return openedCount
        }
    }

    func record(_ request: StubServer.Request) {
        change { received.append(request) }
    }

    func close(_ descriptor: Int32) {
        change {
            openDescriptors.remove(descriptor)
            Glibc.close(descriptor)
        }
    }

    func shutDownConnections() {
        condition.withLock {
            for descriptor in openDescriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func wait(_ what: String, until isMet: (Counts) -> Bool) throws {
        let last = Date(timeIntervalSinceNow: 60)
        try condition.withLock {
            while !isMet(Counts(requestCount: received.count, openCount: openDescriptors.count)) {
                guard condition.wait(until: last) else { throw SupportError("waited in vain for \(what)") }
            }
        }
    }

    private func change<Value>(_ body: () -> Value) -> Value {
        condition.withLock {
            defer { condition.broadcast() }
            return body()
        }
    }
}

/// One connection of a stub server, on a thread of its own.
struct StubConnection {
    let descriptor: Int32
    let number: Int
    let readsBodies: Bool
    let state: StubServerState
    private var buffer: [UInt8] = []

    init(descriptor: Int32, number: Int, readsBodies: Bool, state: StubServerState) {
        self.descriptor = descriptor
        self.number = number
        self.readsBodies = readsBodies
        self.state = state
    }

    consuming func run(_ script: (StubServer.Request) -> [StubServer.Step]) {
        var requestNumber = 0
        requests: while let request = nextRequest(number: requestNumber + 1) {
            requestNumber += 1
            state.record(request)
            for step in script(request) {
                switch step {
                case .send(let text): send(Array(text.utf8))
                case .wait(let gate): gate.wait()
                case .waitForClose: while receive() {}
                case .close: break requests
                case .reset:
                    var linger = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
                    break requests
                }
            }
        }
        state.close(descriptor)
    }

    /// - Returns: nil at the connection's end.
    private mutating func nextRequest(number requestNumber: Int) -> StubServer.Request? {
        while true {
            if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                var lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                let line = lines.removeFirst()
                let headers = lines.map { line in
                    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                    return (
                        name: String(parts[0]), value: parts.dropFirst().joined().trimmingCharacters(in: .whitespaces)
                    )
                }
                let announced = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) }
                let length = readsBodies ? announced ?? 0 : 0
                if buffer.count >= end.upperBound + length {
                    let body = Array(buffer[end.upperBound..<(end.upperBound + length)])
                    buffer.removeFirst(end.upperBound + length)
                    return StubServer.Request(
                        connection: number, number: requestNumber, line: line, headers: headers, body: body)
                }
            }
            guard receive() else { return nil }
        }
    }

    /// - Returns: whether the connection goes on.
    private mutating func receive() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        buffer += bytes[..<count]
        return true
    }

    /// A peer that has gone is no concern of the script's.
    private func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
