internal import Heartbeat
internal import LibCrypto
internal import PostgreSQL

extension AuditRow {
    /// The row in the order of `Schema.columns`. From here on it is bytes: the task token's hash is all that is left
    /// of it.
    func encoded(id: UUIDv7, instance: String) -> BinaryTuple {
        var tuple = BinaryTuple(capacity: Self.encodedBytesAbout + (details?.utf8.count ?? 0))
        tuple.append(uuid: id.words)
        tuple.append(timestamp: receivedAt)
        tuple.append(text: requestID)
        tuple.append(text: traceID)
        tuple.append(text: caller?.name)
        tuple.append(text: caller?.authentication.rawValue)
        tuple.append(clientAddress.flatMap(inetBytes))
        tuple.append(taskToken.map { SHA256.hash($0.secret.utf8.span) })
        tuple.append(text: details)
        if let detailsLength { tuple.append(Int32(clamping: detailsLength)) } else { tuple.appendNull() }
        tuple.append(text: outcome)
        tuple.append(Int16(clamping: status))
        if let cancelRequested { tuple.append(cancelRequested) } else { tuple.appendNull() }
        tuple.append(text: fault)
        tuple.append(text: upstreamRequestID)
        tuple.append(Int16(clamping: attempts))
        tuple.append(Int32(clamping: duration.microseconds))
        tuple.append(relayed)
        tuple.append(text: instance)
        return tuple
    }

    private static let encodedBytesAbout = 400
}

extension ParameterArrays {
    /// Of the insert for any number of rows.
    init(rows: [BinaryTuple]) {
        self.init(columnsOf: rows, types: Schema.columnTypes)
    }
}

extension BinaryTuple {
    /// Of an audit row, for its log line.
    var requestID: String {
        String(decoding: field(Schema.requestIDColumn), as: UTF8.self)
    }

    fileprivate mutating func append(text: String?) {
        guard let text else { return appendNull() }
        if isStorable(text) { append(text) } else { append(storableText(text)) }
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
