/// An error as AWS's JSON services put it.
struct Fault: Error, Sendable, Equatable {
    /// Whose error it is: the prefix of its name in the body.
    enum Namespace: String, Sendable {
        /// SWF's own model.
        case swf = "com.amazonaws.swf.base.model"
        case validation = "com.amazon.coral.validate"
        case availability = "com.amazon.coral.availability"
        /// The framework in front of SWF, which checks signatures.
        case framework = "com.amazon.coral.service"
    }

    /// The word that asks for it, and that its answer is counted under.
    let kind: String
    let namespace: Namespace
    let name: String
    let status: Int
    /// nil: the body has none.
    let message: String?

    init(_ kind: String, _ namespace: Namespace, _ name: String, status: Int = 400, message: String?) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.status = status
        self.message = message
    }

    /// The service itself repeats the error's name in a header; the framework, which answers before it, does not.
    var fields: [String: String] {
        let contentType = ["Content-Type": "application/x-amz-json-1.0"]
        return namespace == .framework ? contentType : contentType.merging(["x-amzn-ErrorType": name]) { $1 }
    }

    var body: [UInt8] {
        jsonText(Body(__type: "\(namespace.rawValue)#\(name)", message: message))
    }

    private struct Body: Encodable {
        let __type: String
        let message: String?
    }
}
