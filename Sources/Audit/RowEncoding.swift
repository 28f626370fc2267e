internal import Heartbeat
internal import PostgreSQL

/// Makes bytes of rows.
struct RowEncoder {
    private let instance: String

    /// - Parameter instance: what every row says made it.
    init(instance: String) {
        self.instance = storable(instance)
    }

    /// - Returns: the row in the order of `Schema.columns`.
    func encode(_ row: AuditRow, id: UUIDv7) -> BinaryTuple {
        row.isCertainlyStorable ? tuple(row, id) : tuple(row.storable, id)
    }

    private func tuple(_ row: AuditRow, _ id: UUIDv7) -> BinaryTuple {
        BinaryTuple(capacity: bytesMax(row)) { tuple in
            tuple.append(uuid: id.words)
            tuple.append(timestamp: row.receivedAt)
            tuple.append(row.requestID)
            tuple.append(row.traceID)
            tuple.append(row.caller?.name)
            tuple.append(row.caller?.authentication.rawValue)
            if let address = row.clientAddress.flatMap(InternetAddress.init) {
                address.append(to: &tuple)
            } else {
                tuple.appendNull()
            }
            if let task = row.taskHash { tuple.append(task.bytes.span) } else { tuple.appendNull() }
            tuple.append(row.details)
            if let length = row.detailsLength { tuple.append(Int32(clamping: length)) } else { tuple.appendNull() }
            tuple.append(row.outcome)
            tuple.append(Int16(clamping: row.status))
            if let isRequested = row.cancelRequested { tuple.append(isRequested) } else { tuple.appendNull() }
            tuple.append(row.fault)
            tuple.append(row.upstreamRequestID)
            tuple.append(Int16(clamping: row.attempts))
            tuple.append(Int32(clamping: row.duration.microseconds))
            tuple.append(row.relayed)
            tuple.append(instance)
        }
    }

    private func bytesMax(_ row: AuditRow) -> Int {
        func count(_ text: String?) -> Int { text?.utf8.count ?? 0 }
        return Self.bytesMaxWithoutTexts + count(row.requestID) + count(row.traceID) + count(row.caller?.name)
            + count(row.caller?.authentication.rawValue) + count(row.details) + count(row.outcome) + count(row.fault)
            + count(row.upstreamRequestID) + count(instance)
    }

    /// 19 lengths; id, time, address, hash, and the numbers.
    private static let bytesMaxWithoutTexts =
        19 * BinaryTuple.lengthBytes + 16 + 8 + InternetAddress.bytesMax + TaskHash.Bytes.count + 14
}

// What is not of this program's making.
extension AuditRow {
    fileprivate var isCertainlyStorable: Bool {
        func isStorable(_ text: String?) -> Bool { text.map(Audit.isCertainlyStorable) ?? true }
        return isStorable(details) && isStorable(caller?.name) && isStorable(fault) && isStorable(upstreamRequestID)
    }

    fileprivate var storable: AuditRow {
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
