/// One request of those that a bucket counts, by which more can be learnt of it.
struct Exemplar: Sendable, Equatable {
    let traceID: String
    let nanoseconds: Int
    /// Microseconds since 1970.
    let at: Int64
}
