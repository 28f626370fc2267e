"""How much memory the service has: at its start, and for each connection that waits for its next request."""

import contextlib
import re
import resource
import socket
import ssl
import urllib.request
from urllib.parse import urlsplit

from load import drive
from processes import resident_bytes
from report import table, title

CONNECTIONS = {"plain": 10_000, "TLS": 2_000}
# Opened before any of them is heard.
BATCH = 100
# Beside the connections.
FILES = 200
ANSWER_SECONDS_MAX = 30
ANSWER_BYTES_MAX = 65_536
WARM_UP_SECONDS = 2


def measure_memory(stage, _):
    title("Memory")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - FILES
    rows = []
    for kind, wanted in CONNECTIONS.items():
        rows.append([kind, *memory_with(stage, kind, min(wanted, limit))])
    head = ["callers' connections", "at start, MB", "after some heartbeats, MB", "connections", "with them, MB"]
    table(head + ["each, KB"], *rows)
    return True


def memory_with(stage, kind, count):
    settings = {"HEARTBEAT_CONNECTIONS_MAX": "20000", "HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX": "20000"}
    context = None
    if kind == "TLS":
        context = ssl.create_default_context(cafile=stage.certificate)
        settings["HEARTBEAT_TLS_CERTIFICATE"] = str(stage.certificate)
        settings["HEARTBEAT_TLS_PRIVATE_KEY"] = str(stage.private_key)
    with contextlib.ExitStack() as stack:
        service = stage.service(stack, settings=settings)
        at_start = resident_bytes(service.process.pid)
        # One connection: what many at once would have had, the others could use again.
        url = urlsplit(service.url)
        drive(stage, url._replace(scheme="https" if context else "http").geturl(), WARM_UP_SECONDS, connections=1)
        before = resident_bytes(service.process.pid)
        request = (
            f"POST /tasks/heartbeat HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {stage.key}\r\n"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        )
        for begin in range(0, count, BATCH):
            batch = [opened(stack, url, context) for _ in range(min(BATCH, count - begin))]
            for number, connection in enumerate(batch, begin):
                body = f'{{"taskToken":"Idle{kind}{number}"}}'
                connection.sendall((request % (len(body), body)).encode())
            for connection in batch:
                read_answer(connection)
        idle = idle_connections(service)
        after = resident_bytes(service.process.pid)
        if idle != count:
            raise RuntimeError(f"{idle} connections are idle, not {count}")
    return [f"{at_start / 1e6:.1f}", f"{before / 1e6:.1f}", f"{count:,}", f"{after / 1e6:.1f}"] + [
        f"{(after - before) / 1e3 / count:.1f}"
    ]


def opened(stack, url, context):
    connection = socket.create_connection((url.hostname, url.port), timeout=ANSWER_SECONDS_MAX)
    if context:
        connection = context.wrap_socket(connection, server_hostname="localhost")
    return stack.enter_context(connection)


def read_answer(connection):
    answer = b""
    while not (answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"}")):
        received = connection.recv(ANSWER_BYTES_MAX)
        answer += received
        if not received or (answer and not b"HTTP/1.1 200 ".startswith(answer[:13])):
            raise RuntimeError(f"answered: {answer[:200]}")


def idle_connections(service):
    text = urllib.request.urlopen(f"{service.operations}/metrics", timeout=ANSWER_SECONDS_MAX).read().decode()
    return int(re.search(r'^heartbeat_connections\{state="idle"\} (\d+)$', text, re.MULTILINE)[1])
