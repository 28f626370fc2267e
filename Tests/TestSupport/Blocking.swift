import EventLoop

/// Does what blocks on a thread of its own, so that the loop it is called on goes on meanwhile.
package func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await runBlocking(named: "blocking") { Result { try body() } }.get()
}
