/// What must hold whatever the input is. The fuzzer looks for an input that breaks it; the tests try all that was ever
/// interesting.
package struct FuzzTarget: Sendable {
    /// Also of its folder in the corpus.
    package let name: String
    package let check: @Sendable (_ input: [UInt8]) throws(Violation) -> Void

    package static let all = [
        FuzzTarget(name: "request", check: checkRequest),
        FuzzTarget(name: "chunked", check: checkChunked),
        FuzzTarget(name: "connection", check: checkConnection),
        FuzzTarget(name: "service", check: checkService),
        FuzzTarget(name: "path", check: checkPath),
        FuzzTarget(name: "json", check: checkJSON),
        FuzzTarget(name: "answer", check: checkAnswer),
        FuzzTarget(name: "proxy-header", check: checkProxyHeader),
        FuzzTarget(name: "address", check: checkAddressText),
        FuzzTarget(name: "forwarded", check: checkForwarded),
        FuzzTarget(name: "shared-files", check: checkSharedFiles),
        FuzzTarget(name: "token", check: checkToken),
        FuzzTarget(name: "client-map", check: checkClientMap),
        FuzzTarget(name: "segment", check: checkSegment),
    ]
}

/// What did not hold.
package struct Violation: Error, CustomStringConvertible {
    package let description: String
}

func require(_ condition: Bool, _ description: @autoclosure () -> String) throws(Violation) {
    if !condition { throw Violation(description: description()) }
}
