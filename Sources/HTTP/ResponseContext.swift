/// What the encoder must know of the request that is answered, and of the connection.
package struct ResponseContext: Sendable, Equatable {
    /// nil where the request was refused before its method was known.
    package var method: Method?
    /// Of the request: 0 or 1.
    package var minorVersion: Int
    /// Whether the connection ends with this response.
    package var closes: Bool

    package init(method: Method?, minorVersion: Int = 1, closes: Bool) {
        self.method = method
        self.minorVersion = minorVersion
        self.closes = closes
    }
}
