import Authentication

extension Configuration {
    /// Whose JSON Web Tokens are accepted.
    mutating func readTokens(_ reader: inout EnvironmentReader) {
        guard let names = reader.list("HEARTBEAT_JWT_ISSUER") else {
            for name in Setting.tokenNames where reader[name] != nil && name != "HEARTBEAT_JWT_ISSUER" {
                reader.faults.append("HEARTBEAT_JWT_ISSUER is not set, but \(name) is: say whose tokens are accepted.")
            }
            return
        }
        guard let audiences = reader.list("HEARTBEAT_JWT_AUDIENCE") else {
            reader.faults.append(
                "HEARTBEAT_JWT_AUDIENCE is not set: say what tokens for this service have in `aud`.")
            return
        }
        if names.count > TokenSettings.issuersMax {
            reader.faults.append("HEARTBEAT_JWT_ISSUER: more than \(TokenSettings.issuersMax) issuers.")
        }
        let issuers = issuers(names, &reader)
        tokens = TokenSettings(
            issuers: issuers,
            rules: TokenRules(
                audiences: audiences, heartbeatScope: scope(&reader),
                callerClaim: reader["HEARTBEAT_JWT_CALLER_CLAIM"] ?? TokenRules.callerClaimDefault))
    }

    private func scope(_ reader: inout EnvironmentReader) -> String? {
        guard let scope = reader["HEARTBEAT_JWT_SCOPE"] else { return nil }
        if scope.contains(" ") {
            reader.faults.append("HEARTBEAT_JWT_SCOPE: \"\(scope)\" is not one scope: it has a space.")
        }
        return scope
    }

    private func issuers(_ names: [String], _ reader: inout EnvironmentReader) -> [TokenSettings.Issuer] {
        let (url, file) = (reader["HEARTBEAT_JWKS_URL"], reader["HEARTBEAT_JWKS_FILE"])
        if url != nil, file != nil {
            reader.faults.append("HEARTBEAT_JWKS_URL and HEARTBEAT_JWKS_FILE are both set: unset one.")
        }
        guard url != nil || file != nil else {
            return names.compactMap { name in
                guard let url = KeyServerURL(name) else {
                    reader.faults.append(
                        "HEARTBEAT_JWT_ISSUER: \"\(name)\" is no https URL: HEARTBEAT_JWKS_URL or HEARTBEAT_JWKS_FILE "
                            + "must say where its keys are.")
                    return nil
                }
                return TokenSettings.Issuer(name: name, keys: .discovery(url))
            }
        }
        guard names.count == 1 else {
            reader.faults.append(
                "HEARTBEAT_JWKS_\(url == nil ? "FILE" : "URL") goes with one issuer, but HEARTBEAT_JWT_ISSUER has "
                    + "\(names.count)."
            )
            return []
        }
        if let file {
            do throws(KeySetFault) {
                try TokenSettings.checkKeys(inFile: file)
            } catch {
                reader.faults.append("HEARTBEAT_JWKS_FILE: \(file) \(error).")
            }
            return [TokenSettings.Issuer(name: names[0], keys: .file(path: file))]
        }
        guard let address = url.flatMap(KeyServerURL.init) else {
            reader.faults.append(
                "HEARTBEAT_JWKS_URL: \"\(url ?? "")\" is not an https URL; plain http is for loopback addresses only.")
            return []
        }
        return [TokenSettings.Issuer(name: names[0], keys: .url(address))]
    }
}

extension EnvironmentReader {
    /// What is between commas, without the spaces around it; nil where the variable is not set.
    fileprivate mutating func list(_ name: String) -> [String]? {
        guard let text = self[name] else { return nil }
        let elements = text.split(separator: ",", omittingEmptySubsequences: false).map { element in
            String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        if elements.contains("") || Set(elements).count != elements.count {
            faults.append("\(name): \"\(text)\" is not a list with commas between its elements, each once.")
        }
        return elements.filter { !$0.isEmpty }
    }
}
