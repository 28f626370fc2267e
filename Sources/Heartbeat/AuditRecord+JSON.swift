internal import JSON

extension AuditRecord {
    /// One JSON object without line ends; members without a value are left out.
    package var json: String {
        var object = JSONObject()
        object.add("id", position.id)
        object.add("receivedAt", receivedAt)
        object.add("requestId", requestID)
        object.add("traceId", traceID)
        object.add("caller", caller)
        object.add("authentication", authentication)
        object.add("clientAddress", clientAddress)
        object.add("taskTokenSha256", taskTokenSHA256)
        object.add("details", details)
        object.add("detailsLength", json: detailsLength)
        object.add("outcome", outcome)
        object.add("status", json: status)
        object.add("cancelRequested", json: cancelRequested)
        object.add("fault", fault)
        object.add("upstreamRequestId", upstreamRequestID)
        object.add("attempts", json: attempts)
        object.add("durationMicroseconds", json: durationMicroseconds)
        object.add("relayed", json: relayed)
        object.add("instance", instance)
        return object.text
    }
}

extension TaskSummary {
    /// - Parameter now: microseconds since 1970-01-01T00:00:00Z.
    func json(now: Int64) -> String {
        var object = JSONObject()
        object.add("lastHeartbeat", json: last.json)
        object.add("cancelRequestedSince", cancelRequestedSince)
        object.add("count", json: count)
        // Another instance's clock may be ahead of ours.
        object.add("silentSeconds", json: max(0, now - last.position.receivedAt) / 1_000_000)
        return object.text
    }
}

/// Writes an object's members, those without a value left out.
struct JSONObject {
    private var members: [String] = []

    mutating func add(_ name: String, _ value: String?) {
        add(name, json: value.map(JSON.quoted))
    }

    /// - Parameter value: one whose description is JSON: of a number, of a boolean, of JSON itself.
    mutating func add(_ name: String, json value: (some CustomStringConvertible)?) {
        if let value { members.append("\(JSON.quoted(name)):\(value)") }
    }

    var text: String { "{" + members.joined(separator: ",") + "}" }
}
