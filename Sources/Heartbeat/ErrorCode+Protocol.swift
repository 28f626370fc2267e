package import HTTP

extension ErrorCode {
    /// The code of a message that cannot be served at all.
    package init(_ error: ProtocolError) {
        self =
            switch error {
            case .malformedRequest: .malformedRequest
            case .requestTimeout: .requestTimeout
            case .lengthRequired: .lengthRequired
            case .contentTooLarge: .contentTooLarge
            case .uriTooLong: .uriTooLong
            case .expectationFailed: .expectationFailed
            case .requestHeaderFieldsTooLarge: .requestHeaderFieldsTooLarge
            case .notImplemented: .notImplemented
            case .httpVersionNotSupported: .httpVersionNotSupported
            }
    }
}
