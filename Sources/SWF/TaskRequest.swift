internal import JSON

/// The request of an operation on one activity task.
///
/// `details` is left out where there are none: whether SWF takes a null is not documented.
func taskRequest(_ taskToken: String, details: String?) -> [UInt8] {
    var text = "{\"taskToken\":\(JSON.quoted(taskToken))"
    if let details { text += ",\"details\":\(JSON.quoted(details))" }
    return Array((text + "}").utf8)
}
