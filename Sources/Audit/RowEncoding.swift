internal import Heartbeat
internal import LibCrypto
internal import PostgreSQL

extension AuditRow {
    /// The row in the order of `Schema.columns`. From here on it is bytes: the task token's hash is all that is left
    /// of it.
    /// - Parameter instance: as `storable` gives it.
    func encoded(id: UUIDv7, instance: String) -> BinaryTuple {
        isCertainlyStorable ? tuple(id, instance) : storable.tuple(id, instance)
    }

    private func tuple(_ id: UUIDv7, _ instance: String) -> BinaryTuple {
        BinaryTuple(capacity: bytesMax(instance)) { tuple in
            tuple.append(uuid: id.words)
            tuple.append(timestamp: receivedAt)
            tuple.append(requestID)
            tuple.append(traceID)
            tuple.append(caller?.name)
            tuple.append(caller?.authentication.rawValue)
            if let address = clientAddress.flatMap(InternetAddress.init) {
                address.append(to: &tuple)
            } else {
                tuple.appendNull()
            }
            if let taskToken {
                tuple.append(SHA256.digest(taskToken.secret.utf8.span).span)
            } else {
                tuple.appendNull()
            }
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

    private func bytesMax(_ instance: String) -> Int {
        func count(_ text: String?) -> Int { text?.utf8.count ?? 0 }
        return Self.bytesMaxWithoutTexts + count(requestID) + count(traceID) + count(caller?.name)
            + count(caller?.authentication.rawValue) + count(details) + count(outcome) + count(fault)
            + count(upstreamRequestID) + count(instance)
    }

    /// 19 lengths; id, time, address, hash, and the numbers.
    private static let bytesMaxWithoutTexts =
        19 * BinaryTuple.lengthBytes + 16 + 8 + InternetAddress.bytesMax + SHA256.digestBytes + 14

    // MARK: What is not of this program's making

    private var isCertainlyStorable: Bool {
        func isStorable(_ text: String?) -> Bool { text.map(Audit.isCertainlyStorable) ?? true }
        return isStorable(details) && isStorable(caller?.name) && isStorable(fault) && isStorable(upstreamRequestID)
    }

    private var storable: AuditRow {
        var row = self
        row.details = details.map(Audit.storable)
        if let name = caller?.name { row.caller?.name = Audit.storable(name) }
        row.fault = fault.map(Audit.storable)
        row.upstreamRequestID = upstreamRequestID.map(Audit.storable)
        return row
    }
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
