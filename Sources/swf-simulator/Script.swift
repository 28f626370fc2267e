/// What tokens get by rule. The first rule that matches counts; its answers go out in order, and the last one repeats.
struct Script: Sendable {
    struct Rule: Sendable {
        /// nil: every token.
        let token: String?
        /// nil: every operation.
        let operation: Operation?
        /// At least one.
        let answers: [Answer]
        fileprivate var used = 0

        init(token: String?, operation: Operation? = nil, answers: [Answer]) {
            self.token = token
            self.operation = operation
            self.answers = answers
        }

        fileprivate func matches(_ token: String, _ operation: Operation) -> Bool {
            (self.token ?? token) == token && (self.operation ?? operation) == operation
        }
    }

    private var rules: [Rule]

    init(rules: [Rule] = []) {
        self.rules = rules
    }

    /// - Returns: nil where no rule matches.
    mutating func next(for token: String, _ operation: Operation) -> Answer? {
        guard let index = rules.firstIndex(where: { $0.matches(token, operation) }) else { return nil }
        let answers = rules[index].answers
        let position = rules[index].used
        rules[index].used = min(position + 1, answers.count - 1)
        return answers[position]
    }
}
