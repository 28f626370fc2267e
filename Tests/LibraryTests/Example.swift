// example
import AWSConfiguration
import EventLoop
import SWF
import SigningClient

/// Tells SWF that the task goes on.
/// - Returns: whether it should stop.
func heartbeat(_ taskToken: String, environment: [String: String]) throws -> Bool {
    // AWS_REGION, AWS_PROFILE, ~/.aws and so on, as in the AWS SDKs.
    let settings = try AWSEnvironment(environment)
    let configuration = try settings.configuration(for: .swf)
    // A client belongs to an event loop, a thread of its own, and keeps its connections from call to call.
    return try EventLoop.run { loop in
        let credentials = CredentialsKeeper(settings, on: loop)
        let client = SigningClient(configuration, credentials: credentials, on: loop)
        let call = await client.call(
            RecordActivityTaskHeartbeat(taskToken: taskToken, details: "50 %"), deadline: .now + .seconds(6))
        let cancelRequested = try call.result.get().cancelRequested
        if cancelRequested {
            let canceled = RespondActivityTaskCanceled(taskToken: taskToken, details: "stopped at 50 %")
            try await client.call(canceled, deadline: .now + .seconds(6)).result.get()
        }
        return cancelRequested
    }
}
// end of the example
