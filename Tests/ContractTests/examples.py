"""Prints, as a JSON list, every example of an answer in the document, as the text that the service should send.

A text of null means what the service itself answers there: the document names it instead of repeating it.
"""

import json
import pathlib
import sys

METHODS = {"get", "post"}


def text(media, value):
    if media.partition(";")[0].endswith("json"):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value


def examples(content):
    if "example" in content:
        yield "example", content["example"]
    for name, example in content.get("examples", {}).items():
        yield name, example.get("value")


def main(path):
    document = json.loads(pathlib.Path(path).read_text())
    components = document["components"]
    found = {}
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            operation = item[method]
            for status, response in operation["responses"].items():
                # A response of all is looked at once; where it is, its examples say the status.
                place = f"{operation['operationId']} {status}"
                if "$ref" in response:
                    place = response["$ref"].rpartition("/")[2]
                    response = components["responses"][place]
                headers = {}
                for name, header in response.get("headers", {}).items():
                    if "$ref" in header:
                        header = components["headers"][header["$ref"].rpartition("/")[2]]
                    headers[name] = header.get("required", False)
                for media, content in response.get("content", {}).items():
                    for name, value in examples(content):
                        type = media.partition(";")[0]
                        is_problem = type == "application/problem+json"
                        key = f"{place} {name}" if is_problem else f"{place} {type} {name}"
                        found[key] = {
                            "key": key,
                            "media": type,
                            "status": value["status"] if is_problem else int(status),
                            "text": None if value is None else text(media, value),
                            "headers": headers,
                        }
    print(json.dumps(list(found.values())))


if __name__ == "__main__":
    main(sys.argv[1])
