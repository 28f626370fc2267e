"""Signs requests that were caught on the wire again, with botocore's own signer.

    botocore_requests.py FILE

A line of the file is a JSON object: what a call was made with, and the request that came of it ("line", "headers",
"body" in hexadecimal). A line is printed for each: "same", or what botocore would have sent differently.
"""

import datetime
import json
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TARGET = "SimpleWorkflowService.RecordActivityTaskHeartbeat"
# What must be signed, and what need not be: botocore does not sign the latter either.
SIGNED = {"content-type", "host", "x-amz-date", "x-amz-target"}
UNSIGNED = {
    "authorization", "content-length", "user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "proxy-connection"}


def difference(call):
    headers = {name.lower(): value for name, value in call["headers"]}
    if len(headers) != len(call["headers"]):
        return "a header twice"
    host = botocore.auth._host_from_url(call["endpoint"])
    # A proxy is told the whole URL.
    method, target, *rest = call["line"].split(" ")
    if (method, rest) != ("POST", ["HTTP/1.1"]):
        return f"the request line {call['line']!r}"
    if botocore.auth._host_from_url(target) != host if call["isProxied"] else target != "/":
        return f"the request line {call['line']!r}"
    body = bytes.fromhex(call["body"])
    members = {"taskToken": call["taskToken"]}
    if "details" in call:
        members["details"] = call["details"]
    if json.loads(body) != members or headers["content-length"] != str(len(body)):
        return "the body"
    if headers["x-amz-target"] != TARGET or headers["content-type"] != "application/x-amz-json-1.0":
        return "the operation"
    # botocore puts host names in small letters. AWS takes the field as it comes.
    if headers["host"].lower() != host:
        return f"the host {headers['host']!r}"
    return difference_of_signature(call, headers, body)


def difference_of_signature(call, headers, body):
    signed = set(headers["authorization"].split("SignedHeaders=")[-1].split(",")[0].split(";"))
    expected = SIGNED | ({"x-amz-security-token"} if "sessionToken" in call else set())
    if not expected <= signed <= set(headers) or set(headers) - UNSIGNED != expected:
        return f"the headers {sorted(headers)}"
    moment = datetime.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda *_, **__: moment
    own = {name: headers[name] for name in signed}
    request = AWSRequest("POST", call["endpoint"], own, body)
    credentials = Credentials(call["accessKeyID"], call["secretAccessKey"], call.get("sessionToken"))
    botocore.auth.SigV4Auth(credentials, "swf", call["region"]).add_auth(request)
    for name in ("X-Amz-Date", "X-Amz-Security-Token", "Authorization"):
        if request.headers.get(name) != headers.get(name.lower()):
            return name
    return "same"


def main():
    with open(sys.argv[1], encoding="utf-8") as calls:
        for line in calls:
            print(difference(json.loads(line)))


main()
