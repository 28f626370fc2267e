package import EventLoop

/// Sends requests as they are given, unsigned and once: to services that are not AWS's. For use on its loop only.
package final class PlainClient {
    private let curl: CurlMulti

    private static let connectionsMax = 1

    package init(on loop: EventLoop, trust: Trust = .system) {
        curl = CurlMulti(on: loop, connectionsMax: Self.connectionsMax, trust: trust)
    }

    /// - Returns: the answer, whatever its status, or why there is none.
    package func get(
        _ url: String, headers: [(name: String, value: String)], answerBytesMax: Int, connectTimeout: Duration,
        deadline: ContinuousClock.Instant
    ) async -> Result<Answer, CallFailure> {
        var request = WireRequest(method: .get, url: url, headers: headers)
        request.answerBytesMax = answerBytesMax
        request.connectTimeout = connectTimeout
        return await curl.send(request, deadline: deadline)
    }

    /// - Returns: the answer, whatever its status, or why there is none.
    package func post(
        _ url: String, headers: [(name: String, value: String)], body: [UInt8], connectTimeout: Duration,
        deadline: ContinuousClock.Instant
    ) async -> Result<Answer, CallFailure> {
        var request = WireRequest(url: url, headers: headers, body: body)
        request.connectTimeout = connectTimeout
        return await curl.send(request, deadline: deadline)
    }
}
