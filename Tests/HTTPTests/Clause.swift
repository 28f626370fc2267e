/// What a server, or any recipient, MUST or SHOULD do, in our words, and where the tests hold it. Requirements on
/// clients, proxies and caches are left out.
struct Clause: Sendable {
    enum Level: Sendable { case must, should, may }

    enum Coverage: Sendable {
        /// Rows of `AcceptedRequest`, `RefusedRequest` and `ChunkedBody` that cite the section, by their `what`.
        case rows([String])
        /// A test, by its name.
        case test(String)
        /// Why there is nothing to test.
        case exempt(String)
        /// Why something else is done, and the rows that hold it.
        case stricter(String, rows: [String])
    }

    var section: String
    var level: Level
    var requirement: String
    var coverage: [Coverage]

    init(_ section: String, _ level: Level, _ requirement: String, _ coverage: Coverage...) {
        (self.section, self.level, self.requirement, self.coverage) = (section, level, requirement, coverage)
    }

    static let all = rfc9112 + rfc9110
}
