"""Signs random requests with botocore's own signer and prints one JSON object a line.

    botocore_signer.py SEED COUNT

A line holds the request as it would go over the wire ("method", "path", "query", "headers", "body" in hexadecimal),
who signed it for what and when, and the headers that botocore added ("added").
"""

import datetime
import json
import random
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TEXT = [chr(c) for c in range(0x20, 0x7F)] + list("äßñ–€語😀\u0301")
TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
BASE64 = TOKEN + "+/="
PATH = list(TOKEN) + list("-._~!$&'()*+,;=:@") + ["/", "//", "/./", "/../", "/.", "/..", "%2F", "%20", "%c3%a9", "é", " "]
QUERY = list(TOKEN) + list("-._~!$'()*+,;:@/?=&&") + ["%20", "%2b", "%C3%A9", "é", "="]
REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "xx-mars-1"]
SERVICES = ["swf", "sts", "iam", "execute-api", "service"]
# Without the trace context and baggage, which botocore's versions do not agree about.
HEADERS = ["X-Amz-Target", "Content-Type", "Accept", "X-Custom", "x-custom", "X-CUSTOM-2", "User-Agent", "Expect",
           "Connection", "TE", "X-Amzn-Trace-Id", "X-Amz-Meta-A", "x-a", "x-amz", "content-length", "Zeta"]


def text(rng, alphabet, shortest, longest):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(shortest, longest)))


def header_value(rng):
    words = [text(rng, TEXT, 0, 12) for _ in range(rng.randint(0, 5))]
    return "".join(word + rng.choice([" ", "  ", "\t", " \t ", "     ", ""]) for word in words)


def random_case(rng):
    body = rng.randbytes(rng.choice([0, 1, 44, 300])) if rng.random() < 0.5 else text(rng, TEXT, 0, 300).encode()
    host = text(rng, TOKEN.lower(), 1, 12) + ".example.com" + rng.choice(["", ":8443", ":3000"])
    return {
        "time": rng.randrange(0, 253402300800),
        "accessKeyID": "AKIA" + text(rng, TOKEN.upper(), 12, 16),
        "secretAccessKey": text(rng, BASE64, 1, 80),
        "sessionToken": text(rng, BASE64, 1, 1200) if rng.random() < 0.5 else None,
        "region": rng.choice(REGIONS),
        "service": rng.choice(SERVICES),
        "method": rng.choice(["POST", "POST", "GET", "PUT", "DELETE"]),
        "path": "/" + (text(rng, PATH, 0, 30) if rng.random() < 0.6 else ""),
        "query": text(rng, QUERY, 0, 60) if rng.random() < 0.6 else "",
        "headers": [["Host", host]] + [[rng.choice(HEADERS), header_value(rng)] for _ in range(rng.randint(0, 8))],
        "body": body.hex(),
    }


def sign(case):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=case["time"])
    botocore.auth.get_current_datetime = lambda *_, **__: moment
    host = case["headers"][0][1]
    url = f"https://{host}{case['path']}" + (f"?{case['query']}" if case["query"] else "")
    request = AWSRequest(method=case["method"], url=url, data=bytes.fromhex(case["body"]))
    # The signer works out the host itself, so the one in the case checks that too.
    for name, value in case["headers"][1:]:
        request.headers[name] = value
    credentials = Credentials(case["accessKeyID"], case["secretAccessKey"], case["sessionToken"])
    botocore.auth.SigV4Auth(credentials, case["service"], case["region"]).add_auth(request)
    added = ["X-Amz-Date", "X-Amz-Security-Token", "Authorization"]
    return [[name, request.headers[name]] for name in added if name in request.headers]


def main():
    rng = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        case = random_case(rng)
        print(json.dumps({**case, "added": sign(case)}))


main()
