package import Heartbeat
internal import JSON
package import SigningClient

/// The operation's request and answer in the AWS JSON 1.0 protocol.
package enum RecordActivityTaskHeartbeat {
    package static let target = "SimpleWorkflowService.RecordActivityTaskHeartbeat"

    /// `details` is left out where there are none: whether SWF takes a null is not documented.
    package static func request(taskToken: TaskToken, details: String?) -> [UInt8] {
        var text = "{\"taskToken\":\(JSON.quoted(taskToken.secret))"
        if let details { text += ",\"details\":\(JSON.quoted(details))" }
        return Array((text + "}").utf8)
    }

    /// Whether SWF asks for cancellation, or its fault. The content type is not looked at: emulators send what they
    /// like.
    package static func outcome(of answer: Answer) -> Result<Bool, UpstreamFailure> {
        let members = try? JSON.members(of: answer.body)
        guard answer.status == 200 else {
            return .failure(.fault(type: faultType(of: answer, members: members ?? []), status: answer.status))
        }
        guard case .bool(let cancelRequested)? = members?.first(where: { $0.name == "cancelRequested" })?.value else {
            return .failure(.malformed)
        }
        return .success(cancelRequested)
    }

    /// SWF's words on a fault. They may quote the request, task token included: for who made it, not for a log.
    package static func message(of answer: Answer) -> String? {
        let members = (try? JSON.members(of: answer.body)) ?? []
        guard case .string(let text)? = members.first(where: { $0.name.lowercased() == "message" })?.value else {
            return nil
        }
        return text
    }

    /// The bare type name: from the header, else `__type`, else `code`.
    private static func faultType(of answer: Answer, members: [JSONMember]) -> String? {
        let fromHeader = answer.errorType.flatMap(bareName)
        return fromHeader
            ?? ["__type", "code"].lazy.compactMap { name in
                guard case .string(let type)? = members.first(where: { $0.name == name })?.value else { return nil }
                return bareName(type)
            }.first
    }

    /// `com.amazonaws.swf.base.model#UnknownResourceFault:http://…` is an `UnknownResourceFault`.
    private static func bareName(_ type: String) -> String? {
        let withoutURI = type.prefix { $0 != ":" }
        let name = withoutURI.split(separator: "#", omittingEmptySubsequences: false).last.map(String.init)?.trimmed
        // It goes into an audit row and a log line: nothing but what a type's name is made of, and not without end.
        guard let name, !name.isEmpty, name.utf8.count <= 100, name.utf8.allSatisfy(isNameCharacter) else { return nil }
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
