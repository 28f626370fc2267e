import Foundation
import HTTP
import TestSupport
import Testing

/// The same bytes go to our parser and to h11; `h11_reader.py` has the list of differences, and the reason of each.
struct H11Tests {
    /// More of them by hand: `DIFFERENTIAL_MESSAGES=1000000 swift test --filter H11Tests`.
    private static let count =
        ProcessInfo.processInfo.environment["DIFFERENTIAL_MESSAGES"].flatMap { Int($0) } ?? 20_000
    private static let seed = UInt64(
        ProcessInfo.processInfo.environment["DIFFERENTIAL_SEED"].flatMap { Int($0) } ?? 9112)

    @Test func `our parser and h11 understand the same bytes alike`() throws {
        var generator = MessageGenerator(seed: Self.seed)
        let messages = try (0..<Self.count).map { _ in generator.next() } + corpus("connection") + corpus("request")
        let reader = OtherReader("h11_reader.py")
        let theirs = try reader.read(messages)
        var differences: Set<String> = []
        var requests = 0
        for (message, their) in zip(messages, theirs) {
            let their = their.split(separator: " ").map(String.init)
            let our = Self.read(message)
            requests += our.count - 1
            let ending = their.last ?? ""
            if ending.hasPrefix("laxer:") { differences.insert(String(ending.dropFirst(6))) }
            #expect(
                our.dropLast() == their.dropLast() && Self.agree(our.last ?? "", ending),
                "\(String(reflecting: String(decoding: message, as: UTF8.self))): ours \(our), h11's \(their)")
        }
        // Enough of them are good for the comparison to mean something, and no difference is listed for nothing.
        #expect(requests > Self.count / 3)
        #expect(try reader.lines(["--differences"]) == differences.sorted())
    }

    private static func agree(_ ours: String, _ theirs: String) -> Bool {
        switch theirs {
        case "more?": ours == "more" || ours == "error"
        case let difference where difference.hasPrefix("laxer:"): ours == "error"
        default: ours == theirs
        }
    }

    /// As the script writes it.
    private static func read(_ bytes: [UInt8]) -> [String] {
        var state = ConnectionState()
        var (start, words) = (0, [String]())
        while true {
            let (consumed, action) = state.advance(bytes[start...], at: .now)
            start += consumed
            switch action {
            case .serve(let request):
                guard let context = state.responseContext else { return words + ["nothing"] }
                words.append(
                    [
                        request.method.rawValue, hexadecimal(Array(request.path)), "\(context.minorVersion)",
                        hexadecimal(request.body), context.closes ? "0" : "1",
                    ].joined(separator: ","))
                if state.responseSent() == .close { return words + ["closed"] }
            case .reject: return words + ["error"]
            case .read: return words + ["more"]
            case .sendContinue: continue
            case .wait, .close: return words + ["nothing"]
            }
        }
    }
}
