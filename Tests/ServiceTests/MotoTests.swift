import Foundation
import TestSupport
import Testing

/// The service against somebody else's SWF, with a workflow that is really started in it.
@Suite(.timeLimit(.minutes(10)))
struct MotoTests {
    /// Starts a workflow with one activity task, polls for that, and prints its token.
    private static let start = """
        import boto3, sys
        swf = boto3.client('swf', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='AKIDEXAMPLE',
                           aws_secret_access_key='SECRET')
        swf.register_domain(name='d', workflowExecutionRetentionPeriodInDays='1')
        swf.register_workflow_type(domain='d', name='w', version='1', defaultTaskList={'name': 'l'},
                                   defaultChildPolicy='TERMINATE', defaultTaskStartToCloseTimeout='300',
                                   defaultExecutionStartToCloseTimeout='300')
        swf.register_activity_type(domain='d', name='a', version='1')
        run = swf.start_workflow_execution(domain='d', workflowId='1', workflowType={'name': 'w', 'version': '1'})
        decision = swf.poll_for_decision_task(domain='d', taskList={'name': 'l'})
        swf.respond_decision_task_completed(taskToken=decision['taskToken'], decisions=[{
            'decisionType': 'ScheduleActivityTask', 'scheduleActivityTaskDecisionAttributes': {
                'activityType': {'name': 'a', 'version': '1'}, 'activityId': 'x', 'taskList': {'name': 'al'},
                'scheduleToCloseTimeout': '300', 'scheduleToStartTimeout': '300', 'startToCloseTimeout': '300',
                'heartbeatTimeout': '300'}}])
        print(swf.poll_for_activity_task(domain='d', taskList={'name': 'al'})['taskToken'])
        """

    @Test func `a real activity task's heartbeat reaches moto with its details`() throws {
        let moto = try MotoServer()
        let token = try Python.run(Self.start, [moto.url]).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(!token.isEmpty)
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let process = try ServiceProcess(environment: [
            "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "SECRET",
            "AWS_ENDPOINT_URL_SWF": moto.url, "DATABASE_URL": database.tcpConnectionString,
            "HEARTBEAT_API_KEYS": Service.keyLine,
        ])
        let response = try process.client().post(
            "/tasks/\(token)/heartbeat", headers: Service.headers, body: "{\"details\": \"halfway there\"}")
        #expect(response.status == 200)
        #expect(response.text == "{\"cancelRequested\":false}")
        #expect(try database.query("SELECT outcome, details FROM heartbeat_audit") == [["recorded", "halfway there"]])
        // Moto shows what it holds of every backend.
        let data = try RawHTTPClient(port: moto.port).get("/moto-api/data.json").text
        #expect(data.contains("halfway there"))

        let unknown = try process.client().post("/tasks/no-such-token/heartbeat", headers: Service.headers)
        #expect(unknown.status == 400)
        #expect(unknown.text.contains("\"code\":\"invalid_task_token\""))
    }
}
