"""Workers of a fleet with boto3 as it comes, a thread each.

Arguments: the endpoint; in seconds: between two beats, of the run; a JSON list of [task token, when it begins].
"ready" is the first line of output; the last one is JSON: what became of their beats.
"""

import json
import sys
import threading
import time

import boto3
import botocore.config
import botocore.exceptions

ENDPOINT, INTERVAL, END, TASKS = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), json.loads(sys.argv[4])
lock = threading.Lock()
tally = {"beats": 0, "recorded": 0, "gone": 0, "attempts": 0, "refused": {}}

# But for the connections: 10 are the default, and the workers of a fleet are not one process.
client = boto3.client(
    "swf", endpoint_url=ENDPOINT, config=botocore.config.Config(max_pool_connections=max(len(TASKS), 1))
)


def beat(token, details):
    """What the fault is called; None: it is recorded."""
    try:
        answer = client.record_activity_task_heartbeat(taskToken=token, details=details)
        return None, answer["ResponseMetadata"]["RetryAttempts"] + 1
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["RetryAttempts"] + 1


def work(token, due):
    pause = threading.Event().wait
    while due < END:
        pause(max(0, start + due - time.monotonic()))
        fault, attempts = beat(token, f"{int(due)} s")
        with lock:
            tally["beats"] += 1
            tally["attempts"] += attempts
            if fault is None:
                tally["recorded"] += 1
            elif fault == "UnknownResourceFault":
                tally["gone"] += 1
            else:
                tally["refused"][fault] = tally["refused"].get(fault, 0) + 1
        if fault == "UnknownResourceFault":
            return
        due += INTERVAL
        while start + due < time.monotonic():
            due += INTERVAL


threads = [threading.Thread(target=work, args=task) for task in TASKS]
print("ready", flush=True)
start = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
mode = client.meta.config.retries["mode"]
print(json.dumps({"version": f"{boto3.__version__}, retry mode {mode}"} | tally))
