internal import JSON

/// A service's answer other than 200, in the AWS JSON 1.0 protocol.
public struct Fault: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The bare type name, such as `UnknownResourceFault`: from `x-amzn-errortype`, else `__type`, else `code`.
    public let type: String?
    public let status: Int
    /// The service's words. They may quote the request, task token included: for who made it, not for a log.
    public let message: String?

    private static let typeBytesMax = 100

    @usableFromInline
    package init(_ answer: Answer) {
        let members = (try? JSON.members(of: answer.body)) ?? []
        status = answer.status
        type =
            answer.errorType.flatMap(Self.bareName)
            ?? ["__type", "code"].lazy.compactMap { name in
                guard case .string(let type)? = members.first(where: { $0.name == name })?.value else { return nil }
                return Self.bareName(type)
            }.first
        if case .string(let text)? = members.first(where: { $0.name.lowercased() == "message" })?.value {
            message = text
        } else {
            message = nil
        }
    }

    package init(type: String?, status: Int, message: String? = nil) {
        self.type = type
        self.status = status
        self.message = message
    }

    public var description: String { "\(type ?? "fault") (\(status))" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// `com.amazonaws.swf.base.model#UnknownResourceFault:http://…` is an `UnknownResourceFault`.
    private static func bareName(_ type: String) -> String? {
        let withoutURI = type.prefix { $0 != ":" }
        let name = withoutURI.split(separator: "#", omittingEmptySubsequences: false).last.map(String.init)?.trimmed
        // It goes into an audit row and a log line: nothing but what a type's name is made of, and not without end.
        guard let name, !name.isEmpty, name.utf8.count <= typeBytesMax, name.utf8.allSatisfy(isNameCharacter) else {
            return nil
        }
        return name
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
