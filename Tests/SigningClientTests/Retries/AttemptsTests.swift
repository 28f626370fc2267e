import SigningClient
import Testing

/// A failed attempt, and what must follow.
private struct Step: Sendable {
    var cause: RetryCause
    var retryAfter: Duration?
    var timeLeft = Duration.seconds(3600)
    var random = 1.0
    var next: Attempts.Next
}

private struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var max = 3
    var steps: [Step]
    /// Of the budget, after all steps.
    var cost: Int

    init(_ name: String, max: Int = 3, _ steps: [Step], cost: Int) {
        testDescription = name
        self.max = max
        self.steps = steps
        self.cost = cost
    }

    static let all: [Row] = [
        Row(
            "throttling: 1 s, doubled",
            [
                Step(cause: .throttling, next: .after(.seconds(1), .nothing)),
                Step(cause: .throttling, next: .after(.seconds(2), .nothing)),
                Step(cause: .throttling, next: .none),
            ], cost: 10),
        Row(
            "a failing service: 50 ms, doubled",
            [
                Step(cause: .serviceFailure, next: .after(.milliseconds(50), .nothing)),
                Step(cause: .serviceFailure, next: .after(.milliseconds(100), .nothing)),
                Step(cause: .serviceFailure, next: .none),
            ], cost: 28),
        Row(
            "a broken connection: a new one",
            [
                Step(cause: .connection, next: .after(.milliseconds(50), .newConnection)),
                Step(cause: .connection, next: .after(.milliseconds(100), .newConnection)),
                Step(cause: .connection, next: .none),
            ], cost: 28),
        Row(
            "never more than 20 s", max: 9,
            (0..<8).map { doublings in
                Step(cause: .throttling, next: .after(.seconds(min(1 << doublings, 20)), .nothing))
            }, cost: 40),
        Row(
            "full jitter",
            [
                Step(cause: .throttling, random: 0, next: .after(.zero, .nothing)),
                Step(cause: .throttling, random: 0.25, next: .after(.milliseconds(500), .nothing)),
            ], cost: 10),
        Row("no retries asked for", max: 1, [Step(cause: .connection, next: .none)], cost: 0),
        Row(
            "other credentials, once, at no cost",
            [
                Step(cause: .credentials, next: .after(.zero, .otherCredentials)),
                Step(cause: .credentials, next: .none),
            ], cost: 0),
        Row(
            "a corrected clock, once, at no cost",
            [
                Step(cause: .clock, next: .after(.zero, .correctedClock)),
                Step(cause: .clock, next: .none),
            ], cost: 0),
        Row(
            "both, one after the other",
            [
                Step(cause: .clock, next: .after(.zero, .correctedClock)),
                Step(cause: .credentials, next: .after(.zero, .otherCredentials)),
                Step(cause: .throttling, next: .none),
            ], cost: 0),
        Row(
            "no answer to the operation, once",
            [
                Step(cause: .malformed, next: .after(.milliseconds(50), .nothing)),
                Step(cause: .malformed, next: .none),
            ], cost: 14),
        Row(
            "what the service asks for, where it is more",
            [Step(cause: .throttling, retryAfter: .seconds(3), next: .after(.seconds(3), .nothing))], cost: 5),
        Row(
            "what the service asks for, where it is less",
            [Step(cause: .throttling, retryAfter: .milliseconds(3), next: .after(.seconds(1), .nothing))], cost: 5),
        Row(
            "what the service asks for, at most 5 s beyond our own",
            [Step(cause: .serviceFailure, retryAfter: .seconds(3000), next: .after(.milliseconds(5050), .nothing))],
            cost: 14),
        Row(
            "nothing that begins at the deadline",
            [Step(cause: .throttling, timeLeft: .seconds(1), next: .none)], cost: 0),
        Row(
            "what begins before it",
            [Step(cause: .throttling, timeLeft: .milliseconds(1001), next: .after(.seconds(1), .nothing))], cost: 5),
        Row(
            "no other credentials after the deadline",
            [Step(cause: .credentials, timeLeft: .zero, next: .none)], cost: 0),
    ]
}

struct AttemptsTests {
    @Test(arguments: Row.all) private func `what follows a failed attempt`(_ row: Row) {
        let budget = RetryBudget()
        var attempts = Attempts(max: row.max)
        for step in row.steps {
            attempts.begin()
            let next = attempts.failed(
                step.cause, retryAfter: step.retryAfter, timeLeft: step.timeLeft, random: step.random, budget: budget)
            #expect(next == step.next)
        }
        #expect(attempts.count == row.steps.count)
        #expect(budget.tokensLeft == RetryBudget.tokensMax - row.cost)
    }

    @Test func `an empty budget ends all retries, and successes fill it again`() {
        let budget = RetryBudget()
        func fail(_ attempts: inout Attempts) -> Attempts.Next {
            attempts.begin()
            return attempts.failed(
                .serviceFailure, retryAfter: nil, timeLeft: .seconds(60), random: 1, budget: budget)
        }
        var retried = 0
        for _ in 0..<100 {
            var attempts = Attempts(max: 2)
            if fail(&attempts) != .none { retried += 1 }
        }
        #expect(retried == 500 / 14)
        #expect(budget.tokensLeft == 500 % 14)

        // A success at once gives one token back, one after a retry what that had cost.
        var first = Attempts(max: 2)
        first.begin()
        first.succeeded(budget)
        #expect(budget.tokensLeft == 500 % 14 + 1)
        budget.giveBack(14)
        var second = Attempts(max: 2)
        #expect(fail(&second) != .none)
        second.begin()
        second.succeeded(budget)
        #expect(budget.tokensLeft == 500 % 14 + 1 + 14)
    }

    @Test func `the budget has an upper end`() {
        let budget = RetryBudget()
        budget.giveBack(1)
        #expect(budget.tokensLeft == RetryBudget.tokensMax)
    }
}
