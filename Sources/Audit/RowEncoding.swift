internal import Heartbeat
internal import LibCrypto
internal import PostgreSQL

/// The parameters of the insert for a number of rows: an array a column.
struct RowEncoding {
    private var ids = BinaryArray(of: .uuid)
    private var receivedAts = BinaryArray(of: .timestamptz)
    private var requestIDs = BinaryArray(of: .text)
    private var traceIDs = BinaryArray(of: .text)
    private var callers = BinaryArray(of: .text)
    private var authentications = BinaryArray(of: .text)
    private var clientAddresses = BinaryArray(of: .inet)
    private var taskTokenHashes = BinaryArray(of: .bytea)
    private var details = BinaryArray(of: .text)
    private var detailsLengths = BinaryArray(of: .integer)
    private var outcomes = BinaryArray(of: .text)
    private var statuses = BinaryArray(of: .smallint)
    private var cancelRequesteds = BinaryArray(of: .boolean)
    private var faults = BinaryArray(of: .text)
    private var upstreamRequestIDs = BinaryArray(of: .text)
    private var attempts = BinaryArray(of: .smallint)
    private var durations = BinaryArray(of: .integer)
    private var relayeds = BinaryArray(of: .boolean)

    /// In the order of `Schema.columns`, the instance at the end.
    func parameters(instance: String) -> [Parameter] {
        let arrays = [
            ids, receivedAts, requestIDs, traceIDs, callers, authentications, clientAddresses, taskTokenHashes, details,
            detailsLengths, outcomes, statuses, cancelRequesteds, faults, upstreamRequestIDs, attempts, durations,
            relayeds,
        ]
        return arrays.map { .binary($0.bytes) } + [.binary(Array(instance.utf8))]
    }

    mutating func append(_ row: AuditRow, id: UUIDv7) {
        ids.append(id.bytes)
        receivedAts.append(row.receivedAt &- Self.timestampEpoch)
        requestIDs.append(text: row.requestID)
        traceIDs.append(text: row.traceID)
        callers.append(text: row.caller?.name)
        authentications.append(text: row.caller?.authentication.rawValue)
        clientAddresses.append(row.clientAddress.flatMap(inetBytes))
        taskTokenHashes.append(row.taskToken.map { SHA256.hash($0.secret.utf8.span) })
        details.append(text: row.details)
        detailsLengths.append(row.details.map { Int32(clamping: $0.unicodeScalars.count) })
        outcomes.append(text: row.outcome)
        statuses.append(Int16(clamping: row.status))
        cancelRequesteds.append(row.cancelRequested)
        faults.append(text: row.fault)
        upstreamRequestIDs.append(text: row.upstreamRequestID)
        attempts.append(Int16(clamping: row.attempts))
        durations.append(Int32(clamping: row.duration.microseconds))
        relayeds.append(row.relayed)
    }

    /// 2000-01-01T00:00:00Z, from which the server counts, in microseconds since 1970.
    private static let timestampEpoch: Int64 = 946_684_800_000_000
}

extension BinaryArray {
    fileprivate mutating func append(_ element: [UInt8]?) {
        if let element { append(element) } else { appendNull() }
    }

    fileprivate mutating func append(_ element: Int32?) {
        if let element { append(element) } else { appendNull() }
    }

    fileprivate mutating func append(_ element: Bool?) {
        append(element.map { [$0 ? 1 : 0] })
    }

    fileprivate mutating func append(text: String?) {
        if let text { append(storableText(text)) } else { appendNull() }
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole + attoseconds / 1_000_000_000_000
    }
}
