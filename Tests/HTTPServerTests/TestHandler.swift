import EventLoop
import HTTP
import HTTPServer

/// What a server did, in order.
enum Event: Sendable, Equatable {
    case started
    case began(String)
    case ended(String)
    case streamEnded
    case rejected(ProtocolError)
    case refused(Admission.Refusal)
    case connections(open: Int, serving: Int)
    /// The accepting has ended, and the drain begins.
    case closed
    case drained
    /// The server has looked whether there is room in the backlog.
    case askedForRoom
}

/// Has room for so many requests. Lives on the server's loop.
final class TestBacklog: Backlog {
    private let report: (Event) -> Void
    private var left: Int

    init(room: Int, report: @escaping (Event) -> Void) {
        left = room
        self.report = report
    }

    var room: Int {
        report(.askedForRoom)
        return left
    }

    func requestBegan() { left -= 1 }

    func makeRoom(_ count: Int) { left += count }
}

/// Answers by the path of the request. Lives on the server's loop.
final class TestHandler: Handler {
    /// More than the system's buffers between two sockets take.
    static let largeBytes = 8 << 20

    private let loop: EventLoop
    private let report: @Sendable (Event) -> Void
    private var held: [Suspension<Void>] = []
    private(set) var stream: TestStream?

    init(on loop: EventLoop, report: @escaping @Sendable (Event) -> Void) {
        self.loop = loop
        self.report = report
    }

    func respond(to request: Request) async -> Response {
        let path = String(decoding: request.path, as: UTF8.self)
        report(.began(path))
        defer { report(.ended(path)) }
        switch path {
        case "/held": await Suspension.wait { held.append($0) }
        case "/slow": await loop.pause(for: .milliseconds(100))
        case "/large": return Response(status: 200, body: [UInt8](repeating: 0x61, count: Self.largeBytes))
        case "/certificate":
            let text = request.clientCertificate.map {
                "\($0.subject) [\($0.dnsNames.joined(separator: " "))] [\($0.uris.joined(separator: " "))]"
            }
            return Response(status: 200, body: Array((text ?? "none").utf8))
        case "/peer": return Response(status: 200, body: Array((request.clientAddress ?? "nobody").utf8))
        case "/stream", "/endless", "/unsendable-stream":
            let stream = TestStream(on: loop, isEndless: path == "/endless") { [report] in report(.streamEnded) }
            self.stream = stream
            var response = Response(status: 200, fields: path == "/unsendable-stream" ? [(name: "X", value: "\0")] : [])
            response.stream = stream
            return response
        case "/unsendable": return Response(status: 200, fields: [(name: "X", value: "a\r\nb: c")])
        default: break
        }
        return Response(status: 200, body: Array("\(request.method.rawValue) \(path) ".utf8) + request.body)
    }

    func wantsBody(of request: Request) -> Bool {
        !request.path.elementsEqual("/unwanted".utf8)
    }

    func reject(_ error: ProtocolError) -> Response {
        report(.rejected(error))
        return Response(status: error.status, body: Array("\(error)".utf8))
    }

    /// Has the requests for `/held` answered.
    func release() {
        for suspension in held { suspension.resume(returning: ()) }
        held = []
    }
}

extension ProtocolError {
    var status: Int {
        switch self {
        case .malformedRequest: 400
        case .requestTimeout: 408
        case .lengthRequired: 411
        case .contentTooLarge: 413
        case .uriTooLong: 414
        case .expectationFailed: 417
        case .requestHeaderFieldsTooLarge: 431
        case .notImplemented: 501
        case .httpVersionNotSupported: 505
        }
    }
}
