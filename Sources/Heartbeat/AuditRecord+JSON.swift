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
