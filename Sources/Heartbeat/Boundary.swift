// What the domain asks of the outside. Conformers live on one event loop and are not Sendable;
// every method runs on its caller's.

package import HTTP

/// Who is calling.
package struct Caller: Sendable, Equatable {
    package enum Authentication: String, Sendable {
        case apiKey = "api_key"
        case jwt
        case clientCertificate = "mtls"
    }

    package var name: String
    package var authentication: Authentication
    package var scopes: Set<Scope>
    /// The credentials are good, but not at the address that the request came from.
    package var isOutsideNetworks: Bool
    /// Of the credentials' own; nil: what holds for all callers.
    package var rateLimit: RateLimit?

    package init(
        name: String, authentication: Authentication, scopes: Set<Scope> = Scope.standard,
        isOutsideNetworks: Bool = false, rateLimit: RateLimit? = nil
    ) {
        self.name = name
        self.authentication = authentication
        self.scopes = scopes
        self.isOutsideNetworks = isOutsideNetworks
        self.rateLimit = rateLimit
    }

    package func may(_ scope: Scope) -> Bool {
        scopes.contains(scope) || scopes.contains(.admin)
    }

    /// By what one caller is told from another: whose rows, tasks and limits these are.
    ///
    /// The names of API keys and of client certificates are the operator's, so that a caller may change from one to the
    /// other. A token's name is its issuer's, who could otherwise make it anybody's here.
    package struct Identity: Sendable, Hashable {
        package let name: String
        package let isOfToken: Bool

        package init(name: String, isOfToken: Bool) {
            self.name = name
            self.isOfToken = isOfToken
        }
    }

    package var identity: Identity { Identity(name: name, isOfToken: authentication == .jwt) }
}

/// What a caller may do.
package enum Scope: String, Sendable, CaseIterable {
    /// Record heartbeats.
    case heartbeat
    /// Read what the audit table has of the caller's own heartbeats.
    case audit
    /// Both, and everybody's heartbeats.
    case admin

    /// Where nothing is said.
    package static let standard: Set<Scope> = [.heartbeat]
}

/// Finds the caller of a request.
package protocol Authenticator {
    /// Says who it is as far as that takes no waiting.
    /// - Throws: where it is not known yet which credentials are good: a 401 could tell a good caller to give up.
    func identify(_ request: Request) throws(CallersUnavailable) -> Identification

    /// May wait, within the call's deadline, for what the credentials are to be checked by.
    /// - Returns: nil for nobody.
    /// - Throws: as `identify` does.
    func caller(of request: Request) async throws(CallersUnavailable) -> Caller?
}

/// Whose the credentials of a request are.
package enum Identification: Sendable, Equatable {
    case caller(Caller)
    /// They are missing, unknown or bad: the three are not told apart.
    case nobody
    /// That takes waiting.
    case undecided

    package init(_ caller: Caller?) {
        self = caller.map(Self.caller) ?? .nobody
    }
}

extension Authenticator {
    /// Whether the caller may be one who has the scope: asked before a body is, so that no one need send it in vain.
    package func mayAdmit(_ request: Request, for scope: Scope) -> Bool {
        switch try? identify(request) {
        case .caller(let caller): caller.may(scope) && !caller.isOutsideNetworks
        case .undecided: true
        case .nobody, nil: false
        }
    }
}

/// What credentials are checked by could not be read yet.
package struct CallersUnavailable: Error, Sendable {
    package init() {}
}

/// Says who has called too often.
package protocol RateLimiter: AnyObject {
    /// Counts a call.
    /// - Returns: nil where no limit is set for the caller.
    func take(for caller: Caller) -> RateStanding?

    /// - Parameter address: the client's, numeric; nil on a Unix socket.
    /// - Returns: how long credentials from there are not to be looked at, after too many bad ones; nil: they are.
    func wait(beforeAuthenticatingFrom address: String?) -> Duration?

    /// Counts bad credentials.
    func noteFailure(from address: String?)
}

/// A heartbeat that is to be relayed.
package struct Beat: Sendable, Equatable {
    package var taskToken: TaskToken
    /// The token's.
    package var taskHash: TaskHash
    /// nil: none were given. An empty string is relayed as such.
    package var details: String?
    /// Nothing goes on after it; what is not answered by then is `.timeout`.
    package var deadline: ContinuousClock.Instant
    /// The task's, from its caller: it permits answers from the last known status. nil: not given.
    package var heartbeatTimeout: Duration?
    package var caller: Caller?
    package var requestID: String
    package var traceID: String?

    package init(
        taskToken: TaskToken, taskHash: TaskHash, details: String? = nil, deadline: ContinuousClock.Instant,
        heartbeatTimeout: Duration? = nil, caller: Caller? = nil, requestID: String = "", traceID: String? = nil
    ) {
        self.taskToken = taskToken
        self.taskHash = taskHash
        self.details = details
        self.deadline = deadline
        self.heartbeatTimeout = heartbeatTimeout
        self.caller = caller
        self.requestID = requestID
        self.traceID = traceID
    }
}

/// Relays heartbeats to SWF, not necessarily each of them.
package protocol ActivityService {
    func relay(_ beat: Beat) async -> Relay
}

/// Records heartbeats with SWF, each of them.
package protocol Upstream {
    /// - Parameters:
    ///   - details: nil: none are sent.
    ///   - admission: asked before each attempt but the first.
    func recordHeartbeat(
        taskToken: TaskToken, details: String?, deadline: ContinuousClock.Instant, admission: any AttemptAdmission
    ) async -> Relay
}

/// Has a say in the attempts of one call.
package protocol AttemptAdmission: AnyObject {
    /// Waits until another attempt may be sent.
    /// - Returns: false: it is not to be.
    func admit() async -> Bool

    /// To be called when an attempt has ended.
    /// - Parameter failure: nil: SWF recorded the heartbeat.
    func ended(_ failure: UpstreamFailure?)
}

/// What came of one heartbeat.
package struct Relay: Sendable, Equatable {
    /// Whether SWF asks for the task's cancellation, or why it did not say.
    package var outcome: Result<Bool, UpstreamFailure>
    /// SWF's `x-amzn-RequestId` of the last attempt that it answered.
    package var upstreamRequestID: String?
    /// How many times the call was sent: 0 where it could not even begin.
    package var attempts: Int
    /// How long the caller is to wait after a failure; nil: nothing is known.
    package var retryAfter: Duration?
    /// Of the last known status that it is: how long ago it was SWF's, at most. nil: it is SWF's own answer to a call
    /// that began after the heartbeat came.
    package var age: Duration?

    package init(
        outcome: Result<Bool, UpstreamFailure>, upstreamRequestID: String? = nil, attempts: Int,
        retryAfter: Duration? = nil, age: Duration? = nil
    ) {
        self.outcome = outcome
        self.upstreamRequestID = upstreamRequestID
        self.attempts = attempts
        self.retryAfter = retryAfter
        self.age = age
    }
}

/// Why SWF's answer could not be had, before it is translated for the caller.
package enum UpstreamFailure: Error, Sendable, Equatable {
    /// An answer other than 200. `type` is its fault's bare type name (after `#`, before `:`), nil where it names none.
    case fault(type: String?, status: Int)
    /// A 200 that is not an answer: not JSON, no boolean `cancelRequested`, or too large.
    case malformed
    /// No connection: DNS, connect, TLS, or one that broke.
    case unreachable
    /// The deadline passed.
    case timeout
    /// There are no AWS credentials to sign with.
    case credentialsUnavailable
    /// What SWF allows the account does not suffice for the call.
    case rateUsedUp
    /// Too many calls are under way or wait.
    case overloaded
    /// SWF has failed so often that it is left alone.
    case circuitOpen
}

/// Keeps audit rows.
package protocol AuditLog {
    /// Returns once the row is durable.
    /// - Parameter wait: how long the caller is ready to wait for its answer in all.
    /// - Throws: `.unavailable` where it can be made durable nowhere in time, `.full` where too many rows wait already.
    func append(_ row: AuditRow, wait: Duration) async throws(AuditFailure)
}

package enum AuditFailure: Error, Sendable {
    case unavailable
    case full
}

/// One row of `heartbeat_audit`; its `id` and `instance` are the audit log's to add.
package struct AuditRow: Sendable, Equatable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var receivedAt: Int64
    package var requestID: String
    /// 32 lower-case hexadecimal digits (W3C Trace Context).
    package var traceID: String?
    package var caller: Caller?
    /// A numeric address.
    package var clientAddress: String?
    package var taskHash: TaskHash?
    /// As far as they are to be kept.
    package var details: String?
    /// In Unicode code points; nil where there were none, or where not even this is to be kept.
    package var detailsLength: Int?
    /// `recorded`, or an error's code.
    package var outcome: String
    package var status: Int
    package var cancelRequested: Bool?
    /// SWF's fault, by its bare type name.
    package var fault: String?
    package var upstreamRequestID: String?
    package var attempts: Int
    package var duration: Duration
    /// Whether this very heartbeat went to SWF, rather than a later one's call or the last known status answered it.
    package var relayed: Bool

    package init(
        receivedAt: Int64, requestID: String, traceID: String? = nil, caller: Caller? = nil,
        clientAddress: String? = nil, taskHash: TaskHash? = nil, details: String? = nil, outcome: String, status: Int,
        cancelRequested: Bool? = nil, fault: String? = nil, upstreamRequestID: String? = nil, attempts: Int = 0,
        duration: Duration = .zero, relayed: Bool = false
    ) {
        self.receivedAt = receivedAt
        self.requestID = requestID
        self.traceID = traceID
        self.caller = caller
        self.clientAddress = clientAddress
        self.taskHash = taskHash
        self.details = details
        detailsLength = details?.unicodeScalars.count
        self.outcome = outcome
        self.status = status
        self.cancelRequested = cancelRequested
        self.fault = fault
        self.upstreamRequestID = upstreamRequestID
        self.attempts = attempts
        self.duration = duration
        self.relayed = relayed
    }

    package mutating func keep(_ details: String?, as retention: DetailsRetention) {
        self.details = retention == .full ? details : nil
        detailsLength = retention == .none ? nil : details?.unicodeScalars.count
    }
}

/// What audit rows keep of the details that callers send.
package enum DetailsRetention: String, Sendable, CaseIterable {
    case full
    /// Their length alone.
    case length
    case none
}
