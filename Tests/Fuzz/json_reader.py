"""Reads JSON documents with Python's json module.

    json_reader.py INPUT OUTPUT

INPUT has a document a line, in hexadecimal. OUTPUT has a line for each: `refused`, or what the document says, in one
form for all ways of writing it, in hexadecimal. Where the module is laxer than RFC 8259 and its section 4 ask for, the
document is refused here: duplicate names, NaN and Infinity, lone surrogates, anything but UTF-8 without a byte order
mark. So is what is no object, and what is nested too deeply.
"""

import json
import sys

DEPTH_MAX = 32


class Refused(Exception):
    pass


class Number(str):
    """Its text, as it came: what 1e400 is worth, everyone decides for himself."""


def members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Refused
    return dict(pairs)


def refuse(_):
    raise Refused


def form(value, depth=0):
    if isinstance(value, (dict, list)) and depth == DEPTH_MAX:
        raise Refused
    if isinstance(value, dict):
        return "{" + ",".join(text(name) + ":" + form(value[name], depth + 1) for name in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(form(element, depth + 1) for element in value) + "]"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return text(value)
    return {None: "null", True: "true", False: "false"}[value]


def text(string):
    string.encode("utf-8")
    return json.dumps(string)


def read(document):
    try:
        value = json.loads(
            document.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse, parse_int=Number,
            parse_float=Number)
        return form(value).encode().hex() if isinstance(value, dict) else "refused"
    except (Refused, ValueError, RecursionError):
        return "refused"


def main():
    with open(sys.argv[1], encoding="ascii") as lines, open(sys.argv[2], "w", encoding="ascii") as output:
        for line in lines:
            print(read(bytes.fromhex(line)), file=output)


main()
