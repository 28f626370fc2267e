/// The `Authorization` header's value: who signed, for which scope, which headers, and the signature.
/// Never shown.
package struct AuthorizationHeader: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    package let accessKeyID: String
    package let scope: CredentialScope
    /// Lower-case names separated by semicolons, in order, each once.
    package let signedHeaders: String
    /// 64 lower-case hexadecimal digits.
    package let signature: String

    static let algorithm = "AWS4-HMAC-SHA256"

    init(accessKeyID: String, scope: CredentialScope, signedHeaders: String, signature: String) {
        self.accessKeyID = accessKeyID
        self.scope = scope
        self.signedHeaders = signedHeaders
        self.signature = signature
    }

    /// Nil for anything but the three parts in any order, separated by commas with or without spaces.
    package init?(_ value: String) {
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0] == Self.algorithm else { return nil }
        var parts: [Substring: Substring] = [:]
        for part in words[1].split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, parts.updateValue(pair[1], forKey: pair[0]) == nil else { return nil }
        }
        guard parts.count == 3, let credential = parts["Credential"], let names = parts["SignedHeaders"],
            let signature = parts["Signature"]
        else { return nil }

        let fields = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 5, fields.allSatisfy({ !$0.isEmpty }), fields[4] == CredentialScope.terminator else {
            return nil
        }
        let headers = names.split(separator: ";", omittingEmptySubsequences: false)
        guard headers.allSatisfy({ !$0.isEmpty && $0 == $0.lowercased() }),
            zip(headers, headers.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        guard signature.utf8.count == 64, signature.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else { return nil }

        self.init(
            accessKeyID: fields[0], scope: CredentialScope(day: fields[1], region: fields[2], service: fields[3]),
            signedHeaders: String(names), signature: String(signature))
    }

    package var value: String {
        var value = Self.algorithm
        value.reserveCapacity(128 + accessKeyID.utf8.count + scope.text.utf8.count + signedHeaders.utf8.count)
        for part in [
            " Credential=", accessKeyID, "/", scope.text, ", SignedHeaders=", signedHeaders, ", Signature=", signature,
        ] { value += part }
        return value
    }

    package var description: String { "<authorization>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
