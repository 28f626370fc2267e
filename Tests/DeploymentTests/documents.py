"""documents.py json|components|ecs FILE: a YAML file as JSON, or what is wrong with a CycloneDX document or a task
definition for ECS, a line each."""

import json
import pathlib
import re
import sys


def components(text):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    parts = json.loads(text)["components"]
    references = [part["bom-ref"] for part in parts]
    twice = {reference for reference in references if references.count(reference) > 1}
    # The validator does not look at these: what it needs for that takes every Python process here three seconds.
    urls = [reference["url"] for part in parts for reference in part.get("externalReferences", [])]
    return (
        ([str(fault)] if fault else [])
        + [f"{reference}: there twice" for reference in sorted(twice)]
        + [f"{url}: no URL" for url in urls if not re.fullmatch(r"https://[^\s\"<>\\^`{|}]+", url)]
    )


def ecs(text):
    """As the AWS CLI looks at it before it sends it."""
    import botocore.session
    from botocore.validate import ParamValidator

    service = botocore.session.Session().get_service_model("ecs")
    shape = service.operation_model("RegisterTaskDefinition").input_shape
    return [ParamValidator().validate(json.loads(text), shape).generate_report()]


def main():
    text = pathlib.Path(sys.argv[2]).read_text()
    if sys.argv[1] == "json":
        import yaml

        print(json.dumps(yaml.safe_load(text)))
    else:
        print(*{"components": components, "ecs": ecs}[sys.argv[1]](text), sep="\n")


main()
