import FoundationEssentials

extension Words {
    /// What a token asks for: the standard base64 of a word, and of whatever follows a `#` to make the token unique.
    ///
    /// nil for every other token.
    static func answer(forToken token: String) -> Answer? {
        guard let bytes = Data(base64Encoded: token) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return answer(for: String(text.prefix { $0 != "#" }))
    }
}
