"""Reads what a connection's bytes mean with h11, a strict and independent HTTP/1.1 library.

    h11_reader.py INPUT OUTPUT
    h11_reader.py --differences

INPUT has a connection's bytes a line, in hexadecimal. OUTPUT has a line for each, words divided by spaces: for every
request `METHOD,PATH,MINOR,BODY,KEEP`, path and body in hexadecimal, then how it ends:

    error         h11 refuses what follows
    laxer:NAME    h11 takes what follows, and a stricter server does not: NAME is the difference, from the list below
    more          it is not whole
    more?         it is not whole, and nothing that was tried makes it so: it may be refused already
    closed        the request before it was the connection's last

The second form prints the names of all differences, a line each.
"""

import ipaddress
import re
import sys
from urllib.parse import urlsplit

import h11

METHODS = {b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE"}
REQUEST_LINE_MAX, HEADER_MAX, HEADER_COUNT_MAX, BODY_MAX = 8192, 16384, 100, 65536
CHUNK_LINE_MAX, CHUNK_EXTENSIONS_MAX, TRAILERS_MAX = 256, 1024, 1024

TOKEN = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
PATH = rb"[-._~!$&'()*+,;=:@/%0-9A-Za-z]*"
QUERY = rb"(?:\?[-._~!$&'()*+,;=:@/?%0-9A-Za-z]*)?"
HOST = rb"(?:\[(?P<ipv6>[0-9A-Fa-f:.]*)\]|(?:[-._~!$&'()*+,;=0-9A-Za-z]|%[0-9A-Fa-f]{2})+)"
AUTHORITY = HOST + rb"(?::(?P<port>[0-9]{0,5}))?"
FIELD_TEXT = rb"[\t\x20-\x7e\x80-\xff]*"
EXTENSION = rb";" + TOKEN + rb"(?:=(?:" + TOKEN + rb'|"(?:[\t\x20!#-\[\]-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?'


def is_ipv6(text):
    try:
        return bool(ipaddress.IPv6Address(text.decode("ascii")))
    except ValueError:
        return False


def is_authority(text):
    match = re.fullmatch(AUTHORITY, text)
    if not match or int(match["port"] or b"0") > 65535:
        return False
    if match["ipv6"] is not None and not is_ipv6(match["ipv6"]):
        return False
    return True


def is_target(head):
    method, target = head.method, head.target
    if target == b"*":
        return method == b"OPTIONS"
    if target.startswith(b"/"):
        return bool(re.fullmatch(PATH + QUERY, target))
    match = re.fullmatch(rb"(?i:https?)://(?P<authority>[^/?]*)(?:/" + PATH + rb")?" + QUERY, target)
    return bool(match) and is_authority(match["authority"])


class Head:
    """What h11 has taken, beside the bytes that it took it from."""

    def __init__(self, request, raw):
        self.raw, self.method, self.target = raw, request.method, request.target
        self.version = request.http_version
        self.fields = list(request.headers)
        # h11 merges equal lengths, so that they are counted in the bytes.
        self.lines = re.split(rb"\r?\n", raw)[1:-2]

    def values(self, name):
        return [value for field, value in self.fields if field == name]

    def raw_values(self, name):
        pairs = (line.split(b":", 1) for line in self.lines if b":" in line)
        return [value.strip(b" \t") for field, value in pairs if field.lower() == name]

    @property
    def connection_options(self):
        return [option.strip(b" \t") for value in self.values(b"connection") for option in value.split(b",")]


# Where h11 is laxer than the server under test means to be, each with its reason.
LAXER_BODIES = ["limit", "chunk-line", "chunk-line-limit", "trailer"]
LAXER_HEADS = [
    ("bare-line-feed", "a line end to some recipients and not to others (RFC 9112 section 2.2)",
     lambda head: re.search(rb"(?<!\r)\n", head.raw)),
    ("obs-fold", "a server must refuse it or unfold it (RFC 9112 section 5.2)",
     lambda head: re.search(rb"\n[ \t]", head.raw)),
    ("control-character", "dangerous in a field, may be refused (RFC 9110 section 5.5)",
     lambda head: re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", head.raw)),
    ("unknown-method", "501 (RFC 9110 section 9.1); h11 leaves it to its user",
     lambda head: head.method not in METHODS),
    ("unknown-version", "505 (RFC 9110 section 15.6.6); h11 takes any digits",
     lambda head: head.version not in (b"1.0", b"1.1")),
    ("target", "one of four forms, in a URI's characters (RFC 9112 section 3.2); h11 takes any visible ones",
     lambda head: not is_target(head)),
    ("host", "a valid one (RFC 9112 section 3.2); h11 only counts them",
     lambda head: not all(map(is_authority, head.values(b"host")))),
    ("repeated-length", "a list of equal lengths may be refused (RFC 9110 section 8.6)",
     lambda head: len(head.raw_values(b"content-length")) > 1 or b"," in b"".join(head.raw_values(b"content-length"))),
    ("long-length", "more digits than any body needs",
     lambda head: any(len(value) > 18 for value in head.values(b"content-length"))),
    ("length-and-coding", "request smuggling (RFC 9112 section 6.1)",
     lambda head: head.values(b"content-length") and head.values(b"transfer-encoding")),
    ("coding-in-http-1.0", "its framing is faulty (RFC 9112 section 6.1)",
     lambda head: head.version == b"1.0" and head.values(b"transfer-encoding")),
    ("expectation", "417 (RFC 9110 section 10.1.1); h11 leaves it to its user",
     lambda head: any(value.lower() != b"100-continue" for value in head.values(b"expect"))),
    ("connection-option", "they are tokens (RFC 9110 section 7.6.1); h11 splits at commas and looks no further",
     lambda head: not all(re.fullmatch(rb"(?:" + TOKEN + rb")?", option) for option in head.connection_options)),
    ("limit", "h11 has one limit for a whole head, and none for a body",
     lambda head: len(head.lines) > HEADER_COUNT_MAX or len(head.raw.split(b"\r\n", 1)[0]) > REQUEST_LINE_MAX
     or any(int(value) > BODY_MAX for value in head.values(b"content-length"))),
]


def laxer_body(raw, body):
    """The difference by which h11 took a chunked body; None where it is as RFC 9112 section 7.1 says."""
    if len(body) > BODY_MAX:
        return "limit"
    position = extensions = 0
    while True:
        match = re.compile(rb"([0-9A-Fa-f]+)((?:" + EXTENSION + rb")*)\r\n").match(raw, position)
        if not match:
            return "chunk-line"
        extensions += len(match[2])
        if len(match[1]) > 16 or len(match[0]) - 2 > CHUNK_LINE_MAX or extensions > CHUNK_EXTENSIONS_MAX:
            return "chunk-line-limit"
        position = match.end() + int(match[1], 16) + 2
        if int(match[1], 16) == 0:
            trailers = raw[match.end():]
            good = re.fullmatch(rb"(?:" + TOKEN + rb":" + FIELD_TEXT + rb"\r\n)*\r\n", trailers)
            if good and len(trailers) - 2 > TRAILERS_MAX:
                return "limit"
            return None if good else "trailer"


def path_of(request):
    target = request.target.decode("latin-1")
    if target.startswith("/"):
        return target.split("?")[0]
    if "://" not in target:
        return target
    parts = urlsplit(target)
    of_server = request.method == b"OPTIONS" and not parts.path and "?" not in target
    return parts.path or ("*" if of_server else "/")


def read_one(data):
    """One message: (word, None) where it ends there, else (its word, what follows it)."""
    # The one leniency that RFC 9112 section 2.2 asks for, and h11 lacks.
    start = data[2:] if data.startswith(b"\r\n") else data
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADER_MAX * 4)
    head, body, body_start = None, bytearray(), 0
    try:
        connection.receive_data(start)
        while True:
            event = connection.next_event()
            unread = len(connection.trailing_data[0])
            if event is h11.NEED_DATA:
                return "more", None
            if isinstance(event, h11.Request):
                request, body_start = event, len(start) - unread
                head = Head(event, start[:body_start])
                for name, _, is_laxer in LAXER_HEADS:
                    if is_laxer(head):
                        return f"laxer:{name}", None
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return "more", None
    except h11.RemoteProtocolError:
        # By a line's first character h11 refuses it before it is whole, others when it is.
        return "more?" if b"\n" not in start and start[:1] < b"!" else "error", None
    rest = bytes(connection.trailing_data[0])
    if head.values(b"transfer-encoding"):
        difference = laxer_body(start[body_start:len(start) - len(rest)], body)
        if difference:
            return f"laxer:{difference}", None
    if connection.their_state is h11.MIGHT_SWITCH_PROTOCOL:
        # For h11 an Upgrade waits for the answer; this one declines.
        connection.send(h11.Response(status_code=405, headers=[(b"content-length", b"0")]))
    keep = connection.their_state is not h11.MUST_CLOSE
    # h11 lets no HTTP/1.0 connection persist, which RFC 9112 section 9.3 allows where it is asked for.
    options = [option.lower() for option in head.connection_options]
    if head.version == b"1.0" and b"keep-alive" in options and b"close" not in options:
        keep = True
    path = path_of(request).encode("latin-1").hex()
    word = f"{request.method.decode()},{path},{request.http_version.decode()[2:]},{body.hex()},{int(keep)}"
    return word, rest if keep else None


# What could make a beginning whole.
COMPLETIONS = [
    b"", b"\n", b"\r\n", b"\r\n\r\n", b"\n\r\n", b"x\r\n\r\n", b":\r\n\r\n", b"\r\nHost: h\r\n\r\n", b"\nHost: h\r\n\r\n",
    b"1\r\nHost: h\r\n\r\n", b".1\r\nHost: h\r\n\r\n", b"/1.1\r\nHost: h\r\n\r\n", b" HTTP/1.1\r\nHost: h\r\n\r\n",
    b"HTTP/1.1\r\nHost: h\r\n\r\n", b"/ HTTP/1.1\r\nHost: h\r\n\r\n", b"T / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"x\r\nHost: h\r\n\r\n", b"0\r\n\r\n", b"\r\n0\r\n\r\n", b"\n0\r\n\r\n", b"x\r\n0\r\n\r\n", b"\"\r\n0\r\n\r\n",
]


COMPLETIONS += [b"x" * count + tail for count in range(1, 20) for tail in (b"", b"\r\n0\r\n\r\n", b"\r\n\r\n")]


def can_be_whole(data):
    return any("," in read_one(data + completion)[0] for completion in COMPLETIONS)


def read(data):
    words = []
    while True:
        word, rest = read_one(data)
        if word == "more" and data and not can_be_whole(data):
            word = "more?"
        words.append(word)
        if "," not in word:
            return words
        if rest is None:
            return words + ["closed"]
        data = rest


def main():
    if sys.argv[1:] == ["--differences"]:
        print(*sorted({name for name, _, _ in LAXER_HEADS} | set(LAXER_BODIES)), sep="\n")
        return
    with open(sys.argv[1], encoding="ascii") as lines, open(sys.argv[2], "w", encoding="ascii") as output:
        for line in lines:
            print(*read(bytes.fromhex(line)), file=output)


main()
