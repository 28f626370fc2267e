/// One operation of a service in the AWS JSON 1.0 protocol: what is particular to it, and nothing else.
public protocol ServiceOperation: Sendable {
    /// What its answer says.
    associatedtype Output: Sendable

    /// The `X-Amz-Target`: the service's name in the protocol, a dot, the operation's name.
    static var target: String { get }

    /// The request's JSON object.
    var body: [UInt8] { get }

    /// Reads the body of an answer with status 200.
    /// - Returns: nil where it is no answer to this operation; the client then asks once more.
    static func output(of body: [UInt8]) -> Output?
}

extension ServiceOperation {
    /// As in the service's API reference.
    public static var name: String {
        target.split(separator: ".").last.map(String.init) ?? target
    }

    /// What an answer says, whatever its status.
    @inlinable
    package static func result(of answer: Answer) -> Result<Output, CallFailure> {
        guard answer.status == 200 else { return .failure(.fault(Fault(answer))) }
        return output(of: answer.body).map(Result.success) ?? .failure(.malformed)
    }
}

/// What came of a call.
public struct Call<Output: Sendable>: Sendable {
    public var result: Result<Output, CallFailure>
    /// The last one that came, whatever it says: its status, request id and headers.
    public var answer: Answer?
    /// How many times the request was sent.
    public var attempts: Int

    @usableFromInline
    init(result: Result<Output, CallFailure>, answer: Answer?, attempts: Int) {
        self.result = result
        self.answer = answer
        self.attempts = attempts
    }
}

/// Why a call has no result.
public enum CallFailure: Error, Sendable, Equatable {
    /// The deadline passed.
    case timeout
    /// No connection, or one that broke, and why, without secrets; libcurl's words for what it does.
    case unreachable(String)
    /// The server's certificate could not be verified, or there is nothing to verify it with.
    case untrusted(String)
    /// Longer than it may be, 64 KiB for most, or its headers are.
    case answerTooLarge
    /// A 200 that is no answer to the operation.
    case malformed
    /// The service answered with something else than 200.
    case fault(Fault)
    /// Why there are no credentials to sign with, without secrets.
    case credentialsUnavailable(String)
}
