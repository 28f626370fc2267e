internal import JSON

/// The request of an operation on one activity task.
///
/// `details` is left out where there are none: whether SWF takes a null is not documented.
func taskRequest(_ taskToken: String, details: String?) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32 + taskToken.utf8.count + (details?.utf8.count ?? 0))
    bytes.append(contentsOf: #"{"taskToken":"#.utf8)
    JSON.appendQuoted(taskToken, to: &bytes)
    if let details {
        bytes.append(contentsOf: #","details":"#.utf8)
        JSON.appendQuoted(details, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
}
