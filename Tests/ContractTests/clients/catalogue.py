"""Makes the calls of ClientTests.swift with the generated client, and prints what came of each, a line each.

Usage: catalogue.py SERVICE KEY OPERATIONS REPLAY TOKENS, where TOKENS is a file of `code token` lines.
"""

import pathlib
import sys

import heartbeat_client as client

SLASHED = "AAAAKgAAAAEAAAAAAAAAAu/l+EXAMPLE=="


def refusal(api, token):
    try:
        api.record_heartbeat(token)
    except client.ApiException as error:
        problem = error.data
        return f"{problem.code.value} {error.status} {problem.retryable}".lower()
    return "none"


def main(service, key, operations, replay, tokens):
    configuration = client.Configuration(host=service, access_token=key)
    with client.ApiClient(configuration) as api:
        heartbeats, audit, documents = client.HeartbeatsApi(api), client.AuditApi(api), client.DocumentationApi(api)
        answer = heartbeats.record_heartbeat(SLASHED, heartbeat=client.Heartbeat(details="50%"))
        print("recorded", str(answer.cancel_requested).lower())
        answer = heartbeats.record_heartbeat(SLASHED, heartbeat=client.Heartbeat(details={"rows": [1, 2.5, None]}))
        print("recorded", str(answer.cancel_requested).lower())
        answer = heartbeats.record_heartbeat_by_body(client.HeartbeatWithToken(taskToken=SLASHED, details="75%"))
        print("recorded", str(answer.cancel_requested).lower())
        summary = audit.get_task(SLASHED)
        print("task", summary.count, summary.last_heartbeat.outcome, summary.last_heartbeat.details)
        page = audit.get_task_heartbeats(SLASHED, limit=2)
        print("page", *[record.details for record in page.heartbeats])
        page = audit.get_task_heartbeats(SLASHED, limit=2, before=page.next)
        print("page", *[record.details for record in page.heartbeats], page.next or "end")
        print("front", documents.get_front_page().problems)
        print("problem", documents.get_problem(client.ErrorCode.UNKNOWN_TASK).responsible)
        print("problems", len(documents.get_problems().problems))
        print("document", documents.get_open_api_json().openapi)
        for line in pathlib.Path(tokens).read_text().splitlines():
            code, token = line.split()
            print("service", code, refusal(heartbeats, token))
    # In the document its paths have a server of their own.
    with client.ApiClient(client.Configuration(host=operations, ignore_operation_servers=True)) as api:
        operations = client.OperationsApi(api)
        print("live", operations.get_liveness().strip())
        print("ready", str(operations.get_readiness().ready).lower())
        print("metrics", str("heartbeat_requests_total" in operations.get_metrics()).lower())
    with client.ApiClient(client.Configuration(host=replay, access_token=key)) as api:
        heartbeats = client.HeartbeatsApi(api)
        for code in client.ErrorCode:
            print("replay", code.value, refusal(heartbeats, code.value))


if __name__ == "__main__":
    main(*sys.argv[1:])
