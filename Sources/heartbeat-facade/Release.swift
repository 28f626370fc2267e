/// What this is, to whoever asks.
enum Release {
    static let name = "heartbeat-facade"
    static let version = "0.1.0"
    static let userAgent = "\(name)/\(version)"
}
