import ArgumentParser
import EventLoop
import Transport

struct Healthcheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the service on this host whether it is ready; for a container's health check.",
        discussion: "Asks /readyz at HEARTBEAT_OPERATIONS_LISTEN. Exits with 0 if it is ready and 1 if not.")

    private static let timeout = Duration.seconds(3)

    func run() throws {
        let (configuration, _, _) = Configuration.read(processEnvironment())
        let address = configuration.operationsListen.reachable
        let answer = try EventLoop.run { loop in try await Self.get("/readyz", at: address, on: loop) }
        guard answer.hasPrefix("HTTP/1.1 200 ") else {
            printDiagnostic(answer.isEmpty ? "\(address) does not answer" : answer)
            throw ExitCode.failure
        }
        printResult("ready")
    }

    /// - Returns: the whole answer, empty where there is none in time.
    private static func get(_ path: String, at address: SocketAddress, on loop: EventLoop) async throws -> String {
        let transport = try PlainTransport.connect(to: address, on: loop)
        let timer = LoopTimer(on: loop) { transport.close() }
        timer.set(.now + timeout)
        defer {
            timer.cancel()
            transport.close()
        }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: \(address.authority)\r\nConnection: close\r\n\r\n".utf8)
        var sent = 0
        while sent < request.count {
            switch transport.write(request, from: sent) {
            case .done(let count): sent += count
            case .closed: return ""
            case .needsRead, .needsWrite: _ = await transport.wait(for: .write)
            }
        }
        var buffer = ReceiveBuffer(capacityMax: 65_536)
        while buffer.unread.count < 65_536 {
            switch transport.read(into: &buffer) {
            case .done: continue
            case .needsRead, .needsWrite: _ = await transport.wait(for: .read)
            case .closed: return String(decoding: buffer.bytes[buffer.unread], as: UTF8.self)
            }
        }
        return ""
    }
}
