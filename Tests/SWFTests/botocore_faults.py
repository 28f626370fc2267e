"""Asks botocore's own parser for the name of the fault in each of a list of answers.

    botocore_faults.py FILE
    botocore_faults.py --differences

A line of the file is a JSON object: the answer ("status", "headers", "body" in hexadecimal), and what was made of it:
"name" and "message", left out where there is none. A line is printed for each: "same", "chosen:" and the reason why
botocore's name is not taken, or what is wrong. The second form prints all reasons.
"""

import json
import re
import sys

import botocore.loaders
from botocore.awsrequest import HeadersDict
from botocore.model import ServiceModel
from botocore.parsers import JSONParser, RestJSONParser

DIFFERENCES = {
    "header": "The header names the fault, as AWS's protocol has it; for this protocol botocore never looks there.",
    "header of a page": "A 5xx without JSON may have the header too; then botocore looks nowhere at all.",
    "code": "Where there is no __type, AWS's protocol lets `code` name the fault; botocore does so for REST only.",
    "query error": "The name that a Query service used; SWF never was one, and its model's names are what counts.",
    "no name": "What cannot be a type's name goes into no row and no log; botocore passes on any text.",
    "no string": "A name that is no string is none; botocore raises, or its name is empty.",
    "no document": "A body that readers understand differently has no name; botocore takes the last of two, or raises.",
}
NAME = re.compile(r"[A-Za-z0-9._]{1,100}")
SHAPE = ServiceModel(botocore.loaders.create_loader().load_service_model("swf", "service-2"), "swf").operation_model(
    "RecordActivityTaskHeartbeat").output_shape


def parsed(parser, answer):
    """The error's code and message; None where botocore finds no code and takes the status."""
    headers = HeadersDict({name: value.strip() for name, value in answer["headers"].items()})
    response = {"status_code": answer["status"], "headers": headers, "body": bytes.fromhex(answer["body"])}
    try:
        error = parser().parse(response, SHAPE)["Error"]
    except (AttributeError, TypeError, UnicodeDecodeError) as broken:
        return f"raised {type(broken).__name__}", None
    code = error["Code"]
    return None if code in ("", str(answer["status"])) else code, error["Message"]


def without_duplicates(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def refuse(constant):
    raise ValueError(constant)


def document(body):
    """The members of an object that all readers understand alike, else None."""
    try:
        members = json.loads(body.decode(), object_pairs_hook=without_duplicates, parse_constant=refuse)
        json.dumps(members, ensure_ascii=False).encode()
    except ValueError:
        return None
    return members if isinstance(members, dict) else None


def bare(text):
    name = text.split(":", 1)[0].rsplit("#", 1)[-1].strip(" ") if isinstance(text, str) else ""
    return name if NAME.fullmatch(name) else None


def reason(answer, texts, source, theirs):
    """Why botocore's name is not the one in `source`."""
    expected = bare(texts[source]) if source else None
    if theirs and theirs == answer["headers"].get("x-amzn-query-error", "").split(";")[0]:
        return "query error"
    body = bytes.fromhex(answer["body"])
    if source == "header":
        if bare(parsed(RestJSONParser, answer)[0]) == expected:
            return "header"
        if not body.strip() or body.strip().startswith(b"<html>"):
            return "header of a page"
    if document(body) is None:
        return "no document"
    if any(text is not None and not isinstance(text, str) for text in texts.values()):
        return "no string"
    if source == "code" and theirs is None:
        return "code"
    # What botocore takes for the name, as it came.
    names = [text.split(":", 1)[0].rsplit("#", 1)[-1] for text in texts.values() if text]
    if theirs in names and bare(theirs) != theirs:
        return "no name"
    return None


def judged(answer):
    members = document(bytes.fromhex(answer["body"]))
    texts = {"header": answer["headers"].get("x-amzn-ErrorType")}
    texts.update({name: (members or {}).get(name) for name in ("__type", "code")})
    source = next((source for source, text in texts.items() if bare(text)), None)
    if answer.get("name") != (bare(texts[source]) if source else None):
        return f"the name {answer.get('name')}"
    theirs, message = parsed(JSONParser, answer)
    words = [value for name, value in (members or {}).items() if name in ("message", "Message")]
    said = words[0] if words and isinstance(words[0], str) else None
    if answer.get("message") != said or said is not None and message not in (said, None):
        return f"the message {answer.get('message')}"
    if answer.get("name") == theirs:
        return "same"
    why = reason(answer, texts, source, theirs)
    return f"chosen:{why}" if why else f"botocore's {theirs}"


def main():
    if sys.argv[1] == "--differences":
        print("\n".join(sorted(DIFFERENCES)))
        return
    with open(sys.argv[1], encoding="utf-8") as answers:
        for line in answers:
            print(judged(json.loads(line)))


main()
