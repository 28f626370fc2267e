import HTTP
import JSON
import SWF
import SigningClient

extension CallFailure {
    /// In the AWS CLI's words, where it has some.
    func text(url: String, answer: Answer?, attempts: Int) -> String {
        switch self {
        case .fault(let fault):
            let retries = attempts > 1 ? " (reached max retries: \(attempts - 1))" : ""
            let name = fault.type ?? String(fault.status)
            let message = fault.message ?? answer.map(textWithoutMessage) ?? ""
            return """
                An error occurred (\(name)) when calling the \(RecordActivityTaskHeartbeat.name) operation\(retries): \
                \(message)
                """
        case .timeout: return "Read timeout on endpoint URL: \"\(url)\""
        case .unreachable(let reason): return "No answer from the endpoint URL: \"\(url)\" (\(reason))"
        case .untrusted(let reason): return "SSL validation failed for \(url) (\(reason))"
        case .malformed: return "The answer from \(url) is not SWF's: it has no boolean cancelRequested."
        case .answerTooLarge: return "The answer from \(url) is too large to be SWF's."
        case .credentialsUnavailable(let reason): return "Unable to locate credentials: \(reason)"
        }
    }
}

/// Whoever is in front of a service may answer for it, with a page of HTML, with text or with nothing.
private func textWithoutMessage(_ answer: Answer) -> String {
    if (try? JSON.members(of: answer.body)) != nil { return "" }
    let text = String(decoding: answer.body, as: UTF8.self).trimmed
    return answer.status >= 500 && (text.isEmpty || text.hasPrefix("<html>")) ? reasonPhrase(answer.status) : text
}

extension String {
    /// Without the white space at its ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
