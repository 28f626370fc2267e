import Heartbeat
import SigV4

/// Calls by the thousand, the same ones from the same seed.
struct RandomCalls {
    struct Client: Sendable {
        var endpoint: String
        var region: String
        var credentials: Credentials
        var calls: [Call]
    }

    struct Call: Sendable {
        var taskToken: String
        var details: String?
    }

    static let taskTokenUnitsMax = 1024
    static let detailsUnitsMax = 2048

    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// - Parameter endpoints: each is used in turn.
    mutating func clients(_ count: Int, calls: Int, endpoints: [String]) -> [Client] {
        (0..<count).map { number in
            Client(
                endpoint: endpoints[number % endpoints.count], region: Self.regions.randomElement(using: &random) ?? "",
                credentials: credentials(), calls: (0..<calls).map { _ in call() })
        }
    }

    private mutating func credentials() -> Credentials {
        Credentials(
            accessKeyID: text(16...128, of: Self.capitals), secretAccessKey: text(1...128, of: Self.visible),
            sessionToken: chance(2) ? text(1...2048, of: chance(2) ? Self.base64 : Self.visible) : nil)
    }

    private mutating func call() -> Call {
        let alphabets = [Self.base64, Self.base64, Self.base64URL, Self.printable, Self.scripts]
        let taskToken = text(1...Self.taskTokenUnitsMax, of: alphabets.randomElement(using: &random) ?? [])
        guard !chance(8) else { return Call(taskToken: taskToken) }
        let script = Self.scripts.randomElement(using: &random) ?? " "..." "
        let alphabet = chance(3) ? Self.scripts + [Self.controls] : [script, " "..." "]
        return Call(taskToken: taskToken, details: text(0...Self.detailsUnitsMax, of: alphabet))
    }

    /// Short ones mostly: of sixteen one is near the longest.
    /// - Parameter units: of UTF-16, at most.
    private mutating func text(
        _ units: ClosedRange<Int>, of alphabet: [ClosedRange<Unicode.Scalar>]
    ) -> String {
        let short = units.lowerBound...min(units.upperBound, units.lowerBound + 80)
        let length = Int.random(in: chance(16) ? units : short, using: &random)
        var (text, left) = (String.UnicodeScalarView(), length)
        while left > 0 {
            guard let range = alphabet.randomElement(using: &random) else { break }
            let value = UInt32.random(in: range.lowerBound.value...range.upperBound.value, using: &random)
            // A half of a surrogate pair is no scalar; the other half of a pair may be one too many.
            guard let scalar = Unicode.Scalar(value), UTF16.width(scalar) <= left else {
                left -= 1
                text.append("x")
                continue
            }
            left -= UTF16.width(scalar)
            text.append(scalar)
        }
        return String(text)
    }

    private mutating func chance(_ oneIn: Int) -> Bool {
        Int.random(in: 0..<oneIn, using: &random) == 0
    }
}

extension RandomCalls {
    private static let regions = [
        "us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "eusc-de-east-1",
        "xx-mars-1", "local",
    ]

    private static let capitals: [ClosedRange<Unicode.Scalar>] = ["A"..."Z", "0"..."9"]
    private static let letters = capitals + ["a"..."z"]
    private static let base64 = letters + ["+"..."+", "/"..."/", "="..."="]
    private static let base64URL = letters + ["-"..."-", "_"..."_"]
    private static let visible: [ClosedRange<Unicode.Scalar>] = ["!"..."~"]
    private static let printable: [ClosedRange<Unicode.Scalar>] = [" "..."~"]
    private static let controls: ClosedRange<Unicode.Scalar> = "\0"..."\u{1F}"

    /// Scripts of one to four bytes a character, written in either direction, with marks that combine, and what is no
    /// character of any script but may stand in a string.
    private static let scripts: [ClosedRange<Unicode.Scalar>] = [
        " "..."~", "\u{A0}"..."\u{24F}", "\u{300}"..."\u{36F}", "\u{370}"..."\u{3FF}", "\u{400}"..."\u{52F}",
        "\u{590}"..."\u{5FF}", "\u{600}"..."\u{6FF}", "\u{900}"..."\u{97F}", "\u{E00}"..."\u{E7F}",
        "\u{1100}"..."\u{11FF}", "\u{1E00}"..."\u{1EFF}", "\u{2000}"..."\u{206F}", "\u{3040}"..."\u{30FF}",
        "\u{4E00}"..."\u{9FFF}", "\u{AC00}"..."\u{D7A3}", "\u{E000}"..."\u{F8FF}", "\u{FE00}"..."\u{FE0F}",
        "\u{FEFF}"..."\u{FFFF}", "\u{10000}"..."\u{1031F}", "\u{1D100}"..."\u{1D1FF}", "\u{1F300}"..."\u{1F6FF}",
        "\u{20000}"..."\u{2A6DF}", "\u{E0000}"..."\u{E007F}", "\u{10FFF0}"..."\u{10FFFF}",
    ]
}

/// Lets every attempt go.
final class AllAdmitted: AttemptAdmission {
    func admit() async -> Bool { true }
    func ended(_ failure: UpstreamFailure?) {}
}
