internal import Heartbeat
internal import LibCrypto
internal import PostgreSQL

extension AuditRow {
    /// The row in the order of `Schema.columns`. From here on it is bytes: the task token's hash is all that is left
    /// of it.
    func encoded(id: UUIDv7, instance: String) -> BinaryTuple {
        let authentication = caller?.authentication.rawValue
        // What is not of this program's making.
        let (details, caller, fault) = (details.map(storable), caller.map { storable($0.name) }, fault.map(storable))
        let (upstreamRequestID, instance) = (upstreamRequestID.map(storable), storable(instance))
        var capacity = Self.encodedBytesMaxWithoutTexts
        for text in [requestID, traceID, caller, authentication, details, outcome, fault, upstreamRequestID, instance] {
            capacity += text?.utf8.count ?? 0
        }
        return BinaryTuple(capacity: capacity) { tuple in
            tuple.append(uuid: id.words)
            tuple.append(timestamp: receivedAt)
            tuple.append(requestID)
            tuple.append(traceID)
            tuple.append(caller)
            tuple.append(authentication)
            tuple.append(clientAddress.flatMap(inetBytes))
            tuple.append(taskToken.map { SHA256.hash($0.secret.utf8.span) })
            tuple.append(details)
            if let detailsLength { tuple.append(Int32(clamping: detailsLength)) } else { tuple.appendNull() }
            tuple.append(outcome)
            tuple.append(Int16(clamping: status))
            if let cancelRequested { tuple.append(cancelRequested) } else { tuple.appendNull() }
            tuple.append(fault)
            tuple.append(upstreamRequestID)
            tuple.append(Int16(clamping: attempts))
            tuple.append(Int32(clamping: duration.microseconds))
            tuple.append(relayed)
            tuple.append(instance)
        }
    }

    /// 19 lengths; id, time, address, hash, and the numbers.
    private static let encodedBytesMaxWithoutTexts =
        19 * BinaryTuple.lengthBytes + 16 + 8 + 20 + SHA256.digestBytes + 14
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
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole + attoseconds / 1_000_000_000_000
    }
}
