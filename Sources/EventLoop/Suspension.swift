/// A task that waits for a value, to be resumed exactly once, on any thread.
///
/// The runtime's own unchecked continuation: one costs no allocation, which a wait for readiness on the request's path
/// is worth. Every holder in this package clears the place that it resumes from.
@safe @usableFromInline package struct Suspension<Value: Sendable>: Sendable {
    @usableFromInline
    let continuation: UnsafeContinuation<Value, Never>

    /// Suspends the calling task until the suspension that `body` is given is resumed.
    ///
    /// The loop may run other jobs between this call and `body`. What would have resumed the task had it waited already
    /// is therefore to be looked for in `body`, not before.
    @inlinable
    package static func wait(_ body: (Suspension) -> Void) async -> Value {
        unsafe await withUnsafeContinuation { unsafe body(Suspension(continuation: $0)) }
    }

    @usableFromInline
    init(continuation: UnsafeContinuation<Value, Never>) {
        unsafe self.continuation = continuation
    }

    @inlinable
    package func resume(returning value: Value) {
        unsafe continuation.resume(returning: value)
    }
}
