import Foundation
import TestSupport

/// Small stand-ins, on one port, for what gives credentials: STS, the SSO portal and its token endpoint, a container's
/// endpoint, EC2's instance metadata. What they give says what they were asked for.
enum AWSStub {
    static let expiration = "2099-01-01T00:00:00Z"
    static let expirationSeconds = 4_070_908_800

    static func start() throws -> StubServer {
        try StubServer { [.send(answer(to: $0))] }
    }

    private static func answer(to request: StubServer.Request) -> String {
        let words = request.line.split(separator: " ").map(String.init)
        let path = words.count > 1 ? words[1] : ""
        let body = String(decoding: request.body, as: UTF8.self)
        switch path {
        case "/": return securityToken(request, Form(body))
        case _ where path.hasPrefix("/federation/credentials?"):
            return portal(request, Form(String(path.dropFirst(24))))
        case "/token": return ssoToken(body)
        case _ where path.hasPrefix("/container"): return container(request, String(path.dropFirst(10)))
        case _ where path.hasPrefix("/imds"): return metadata(request, words[0], path)
        default: return answerText(404)
        }
    }

    // MARK: STS

    private static func securityToken(_ request: StubServer.Request, _ form: Form) -> String {
        let action = form["Action"] ?? ""
        let role = (form["RoleArn"] ?? "").split(separator: "/").last.map(String.init) ?? ""
        switch role {
        case "denied": return securityTokenFault(403, "AccessDenied")
        case "expired-identity": return securityTokenFault(400, "ExpiredTokenException")
        case "unavailable": return answerText(503, body: "<html>busy</html>")
        case "nonsense": return answerText(body: "<\(action)Response></\(action)Response>")
        default: break
        }
        let signer = request.values(of: "Authorization").first?.split(separator: "=").dropFirst().first?
            .prefix { $0 != "/" }
        // The default session name differs from tool to tool.
        let session = form["RoleSessionName"].flatMap { $0.last?.isNumber == true ? nil : $0 }
        let asked = [
            role, signer.map(String.init), form["WebIdentityToken"], session, form["ExternalId"],
            form["DurationSeconds"], request.values(of: "X-Amz-Security-Token").first,
        ].map { $0 ?? "-" }.joined(separator: " ")
        let expiration = role == "brief" ? "2001-01-01T00:00:00Z" : Self.expiration
        return answerText(
            headers: ["Content-Type: text/xml"],
            body: """
                <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result>
                <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/\(role)/s</Arn></AssumedRoleUser>
                <Credentials><AccessKeyId>ASIA-\(role)</AccessKeyId>
                <SecretAccessKey>\(escaped(asked))</SecretAccessKey>
                <SessionToken>token&#x2F;of&lt;\(role)</SessionToken><Expiration>\(expiration)</Expiration>
                </Credentials></\(action)Result></\(action)Response>
                """)
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }

    private static func securityTokenFault(_ status: Int, _ code: String) -> String {
        answerText(
            status, headers: ["Content-Type: text/xml"],
            body: """
                <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
                <Code>\(code)</Code><Message>hush-message</Message></Error><RequestId>r</RequestId></ErrorResponse>
                """)
    }

    // MARK: SSO

    private static func portal(_ request: StubServer.Request, _ query: Form) -> String {
        let token = request.values(of: "x-amz-sso_bearer_token").first ?? "-"
        if token == "refused-token" {
            return answerText(
                401, headers: ["x-amzn-ErrorType: UnauthorizedException"], body: #"{"message":"Session token"}"#)
        }
        let role = query["role_name"] ?? "-"
        return answerText(
            headers: ["Content-Type: application/json"],
            body: """
                {"roleCredentials": {"accessKeyId": "ASIA-\(role)", "expiration": \(expirationSeconds)000,
                "secretAccessKey": "\(token) \(query["account_id"] ?? "-")", "sessionToken": "sso-session"}}
                """)
    }

    private static func ssoToken(_ body: String) -> String {
        guard body.contains("good-refresh"), body.contains(#""refresh_token""#) else {
            return answerText(
                400, headers: ["x-amzn-ErrorType: InvalidGrantException"], body: #"{"error":"invalid_grant"}"#)
        }
        return answerText(
            headers: ["Content-Type: application/json"],
            body: #"{"accessToken":"renewed-token","expiresIn":28800,"refreshToken":"next-refresh","tokenType":"B"}"#)
    }

    // MARK: Metadata

    private static func container(_ request: StubServer.Request, _ kind: String) -> String {
        let token = request.values(of: "Authorization").first ?? "-"
        switch kind {
        case "/failing": return answerText(500)
        case "/lacking": return answerText(body: #"{"AccessKeyId": "a"}"#)
        default: return answerText(body: role("container\(kind)", secret: token))
        }
    }

    private static func metadata(_ request: StubServer.Request, _ method: String, _ path: String) -> String {
        let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
        let (kind, rest) = (parts[0], parts.count > 1 ? parts[1] : "")
        let session = request.values(of: "x-aws-ec2-metadata-token").first
        if rest == "latest/api/token" {
            guard method == "PUT", request.values(of: "x-aws-ec2-metadata-token-ttl-seconds") == ["21600"] else {
                return answerText(400)
            }
            return kind == "imds-version-1" ? answerText(404) : answerText(body: "session-token")
        }
        if kind != "imds-version-1", session != "session-token" { return answerText(401) }
        if kind == "imds-roleless" { return answerText(404) }
        switch rest {
        case "latest/meta-data/iam/security-credentials/": return answerText(body: "instance-role")
        case "latest/meta-data/iam/security-credentials/instance-role":
            switch kind {
            case "imds-fault": return answerText(body: #"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "m"}"#)
            case "imds-expired": return answerText(body: role(kind, secret: "s", expiration: "2001-01-01T00:00:00Z"))
            default: return answerText(body: role(kind, secret: session ?? "-"))
            }
        default: return answerText(404)
        }
    }

    private static func role(_ name: String, secret: String, expiration: String = Self.expiration) -> String {
        """
        {"Code": "Success", "AccessKeyId": "ASIA-\(name)", "SecretAccessKey": "\(secret)", "Token": "role-token",
        "Expiration": "\(expiration)"}
        """
    }
}

/// `application/x-www-form-urlencoded`.
private struct Form {
    private var values: [String: String] = [:]

    init(_ text: String) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            values[parts[0]] = parts.last?.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
        }
    }

    subscript(name: String) -> String? { values[name] }
}
