"""Writes openapi.json from openapi.yaml, which is the one that is kept by hand."""

import json
import pathlib

import yaml

SOURCE = pathlib.Path(__file__).with_name("openapi.yaml")
TARGET = SOURCE.with_suffix(".json")


def render(document: dict) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(yaml.safe_load(SOURCE.read_text())))
