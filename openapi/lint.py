"""Checks the OpenAPI document: valid, its examples fit their schemas, every error has one, nothing contradicts.

Usage: lint.py [DOCUMENT]     prints one complaint a line; the exit code is 1 if there are any.
"""

import collections
import pathlib
import re
import sys

import jsonschema
import openapi_spec_validator
import yaml

import generate

ROOT = pathlib.Path(__file__).parent.parent
METHODS = {"get", "head", "post", "put", "patch", "delete", "options", "trace"}
PROBLEM = "application/problem+json"


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


def resolved(document, node):
    """The node itself, or what its reference names within the document."""
    if "$ref" not in node:
        return node
    for step in node["$ref"].removeprefix("#/").split("/"):
        document = document[step]
    return document


def objects(document):
    """Each object of paths and components that is no example, with its place."""

    def below(node, place):
        if isinstance(node, dict):
            yield place, node
            children = [item for item in node.items() if item[0] not in ("example", "examples")]
        else:
            children = enumerate(node) if isinstance(node, list) else []
        for key, child in children:
            yield from below(child, f"{place}/{key}")

    for part in ("paths", "components"):
        yield from below(document[part], part)


def named_examples(node):
    """Of a media type, a parameter or a header."""
    if "example" in node:
        yield "example", node["example"]
    for name, example in node.get("examples", {}).items():
        # The others are what the service itself answers there.
        if "value" in example:
            yield name, example["value"]


def check_specification(document):
    for error in openapi_spec_validator.OpenAPIV31SpecValidator(document).iter_errors():
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message}"


def check_examples(document):
    """Wherever there is a schema beside an example, they agree."""
    for place, node in objects(document):
        if "schema" not in node:
            continue
        # References in a schema start at the document's root: the components go with it.
        schema = {"allOf": [node["schema"]], "components": document["components"]}
        validator = jsonschema.Draft202012Validator(schema)
        for name, value in named_examples(node):
            for error in validator.iter_errors(value):
                yield f"{place}: the example {name} does not fit its schema: {error.message}"


def check_operations(document):
    tags = {tag["name"] for tag in document["tags"]}
    seen = collections.Counter(operation.get("operationId") for _, operation in operations(document))
    for place, operation in operations(document):
        for member in ("operationId", "summary", "description", "tags", "responses"):
            if member not in operation:
                yield f"{place} has no {member}"
        if seen[operation.get("operationId")] > 1:
            yield f"{place}: the operationId {operation.get('operationId')} is not unique"
        for tag in set(operation.get("tags", [])) - tags:
            yield f"{place}: the tag {tag} is not declared"
        for status, response in operation["responses"].items():
            response = resolved(document, response)
            for media, content in response.get("content", {}).items():
                if not list(named_examples(content)) and "examples" not in content:
                    yield f"{place} {status} {media} has no example"


def check_descriptions(document):
    """Whatever has a name is described."""
    components = document["components"]
    for kind in ("securitySchemes", "parameters", "headers", "responses", "schemas"):
        for name, node in components[kind].items():
            if "description" not in node:
                yield f"components/{kind}/{name} has no description"
    for tag in document["tags"]:
        if "description" not in tag:
            yield f"the tag {tag['name']} has no description"

    for place, node in objects(document):
        for name, schema in node.get("properties", {}).items():
            if not {"description", "$ref"} & schema.keys():
                yield f"{place}: the member {name} has no description"
        for name, example in node.get("examples", {}).items():
            if "summary" not in example:
                yield f"{place}: the example {name} has no summary"
        # Makers of clients take what has no type for anything at all.
        if {"enum", "const"} & node.keys() and "type" not in node:
            yield f"{place} has values, but no type"
        # In Go they would refuse an answer with a member that came later.
        if node.get("type") == "object" and "additionalProperties" not in node:
            yield f"{place} says nothing of other members"


def check_security(document):
    """Who may call is said of each operation, by schemes that there are."""
    schemes = document["components"]["securitySchemes"]
    used = set()
    for place, operation in operations(document):
        for requirement in operation.get("security", document["security"]):
            used |= requirement.keys()
            for scheme in requirement.keys() - schemes.keys():
                yield f"{place}: there is no security scheme {scheme}"
        # A call that needs credentials can be refused for want of them.
        if operation.get("security", document["security"]):
            for status in {"401", "403", "429"} - operation["responses"].keys():
                yield f"{place}: needs credentials, but has no answer {status}"
    for scheme in schemes.keys() - used:
        yield f"the security scheme {scheme} is used by nothing"


def check_problems(document):
    """Every code has an example, under the status that it says, with the headers that go with it.

    An example is named by its code; where a response has several, a dash and a word follow.
    """
    statuses = collections.defaultdict(set)
    for place, operation in operations(document):
        for status, response in operation["responses"].items():
            statuses[response.get("$ref", "").rpartition("/")[2]].add(status)

    examples = collections.defaultdict(list)
    for name, response in document["components"]["responses"].items():
        headers = response.get("headers", {})
        problems = dict(named_examples(response.get("content", {}).get(PROBLEM, {})))
        for title, problem in problems.items():
            place = f"components/responses/{name}/{title}"
            code = title.partition("-")[0]
            if statuses[name] - {"default"}:
                examples[code].append(problem)
            if problem["code"] != code or problem["type"] != f"/problems/{code}":
                yield f"{place}: code or type is that of another error"
            for status in statuses[name] - {"default", str(problem["status"])}:
                yield f"{place}: says status {problem['status']}, but is an answer {status}"
            if "upstreamRequestId" in problem and "X-Amzn-RequestId" not in headers:
                yield f"{place}: has an upstreamRequestId, but no X-Amzn-RequestId"
        needed = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After", "503": "Retry-After"}
        for header in {"X-Request-Id", "X-Content-Type-Options"} | {needed[status] for status in statuses[name] & needed.keys()}:
            if problems and header not in headers:
                yield f"components/responses/{name} has no header {header}"

    codes = document["components"]["schemas"]["ErrorCode"]["enum"]
    for code in codes:
        if not examples[code]:
            yield f"the code {code} has no example"
    for code in examples.keys() - set(codes):
        yield f"the code {code} is not in ErrorCode"


def check_json(document):
    if generate.TARGET.read_text() != generate.render(document):
        yield f"{generate.TARGET.name} is not what the YAML says: run make openapi"


def check_readme(document):
    """The table of errors in the README has the same codes with the same statuses."""
    rows = re.findall(r"^\| `(\w+)` \| (\d{3})(?: R)? \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    told = {(code, int(status)) for code, status in rows}
    true = {
        (problem["code"], problem["status"])
        for response in document["components"]["responses"].values()
        for _, problem in named_examples(response.get("content", {}).get(PROBLEM, {}))
    }
    for code, status in sorted(told ^ true):
        yield f"README.md and the document differ about {code} {status}"


CHECKS = (
    check_specification,
    check_examples,
    check_operations,
    check_descriptions,
    check_security,
    check_problems,
    check_json,
    check_readme,
)


def main(path=generate.SOURCE):
    document = yaml.safe_load(pathlib.Path(path).read_text())
    complaints = [complaint for check in CHECKS for complaint in check(document)]
    print(*complaints, sep="\n", end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
