package import Logging

/// One line for each event: a JSON object for machines or plain text for people.
///
/// The line's keys are `time` (RFC 3339 in UTC, milliseconds), `level`, `msg` and the metadata, all strings.
package struct LineLogHandler: LogHandler {
    package enum Format: String, Sendable, CaseIterable {
        case json, text
    }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let format: Format
    private let clock: @Sendable () -> Int64
    private let sink: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - clock: microseconds since 1970-01-01T00:00:00Z.
    ///   - sink: takes one whole line, its line feed included. It is called on the thread that logs, perhaps on
    ///     several at once; to keep lines apart it must write each in one go.
    package init(
        level: Logger.Level, format: Format, clock: @escaping @Sendable () -> Int64,
        sink: @escaping @Sendable ([UInt8]) -> Void
    ) {
        logLevel = level
        self.format = format
        self.clock = clock
        self.sink = sink
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = LogLine(
            time: rfc3339(microsecondsSince1970: clock()), level: event.level.rawValue, message: "\(event.message)")
        // From the widest scope to the narrowest: a key of the event itself wins.
        line.add(metadata)
        line.add(metadataProvider?.get() ?? [:])
        if let error = event.error {
            line.add(["error": "\(error)"])
        }
        line.add(event.metadata ?? [:])
        switch format {
        case .json: sink(line.json)
        case .text: sink(line.text)
        }
    }
}
