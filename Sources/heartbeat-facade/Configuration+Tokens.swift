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
        var issuers = issuers(names, &reader)
        for (number, algorithms) in algorithms(issuerCount: names.count, &reader).enumerated() {
            for index in issuers.indices where issuers[index].name == names[number] {
                issuers[index].algorithms = algorithms
            }
        }
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

    /// - Returns: each issuer's, in their order; nothing where that is not said, or is wrong.
    private func algorithms(issuerCount: Int, _ reader: inout EnvironmentReader) -> [Set<SignatureAlgorithm>] {
        let name = "HEARTBEAT_JWT_ALGORITHMS"
        guard let text = reader[name] else { return [] }
        let lists = text.split(separator: ";", omittingEmptySubsequences: false).map { list in
            EnvironmentReader.elements(String(list))
        }
        let known = SignatureAlgorithm.allCases.map(\.rawValue)
        let unknown = lists.joined().filter { !known.contains($0) }
        if !unknown.isEmpty {
            let names = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
            reader.faults.append(
                "\(name): \(names) is none of \(known.joined(separator: ", ")), which have commas between them.")
        } else if lists.contains(where: { Set($0).count != $0.count }) {
            reader.faults.append("\(name): \"\(text)\" has an algorithm twice.")
        } else if lists.count != 1, lists.count != issuerCount {
            reader.faults.append(
                "\(name) has \(lists.count) lists with semicolons between them, but HEARTBEAT_JWT_ISSUER has "
                    + "\(issuerCount) issuers: give one list for all of them, or one for each.")
        } else {
            let sets = lists.map { Set($0.compactMap(SignatureAlgorithm.init)) }
            return sets.count == 1 ? Array(repeating: sets[0], count: issuerCount) : sets
        }
        return []
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
        let elements = Self.elements(text)
        if elements.contains("") || Set(elements).count != elements.count {
            faults.append("\(name): \"\(text)\" is not a list with commas between its elements, each once.")
        }
        return elements.filter { !$0.isEmpty }
    }
    /// What is between commas, without the spaces around it.
    fileprivate static func elements(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { element in
            String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
