"""Allocations and system calls for a heartbeat. Unlike times they hardly depend on the machine: they have limits."""

import contextlib
import os
import re
import signal

from load import drive
from processes import STOP_SECONDS_MAX, children, output_of
from report import table, title

# For a heartbeat by upstream, a little above what they are; to be lowered as they fall. They are to become 25 and 8.
ALLOCATIONS_MAX = {"plain": 0, "TLS": 0}
SYSTEM_CALLS_MAX = {"plain": 0, "TLS": 0}

CONNECTIONS = 64
SECONDS = 4
WARM_UP_SECONDS = 2
COUNT_BYTES = 8
# How many loops there are says how many requests are served at a time.
ONE_LOOP = {"HEARTBEAT_EVENT_LOOPS": "1"}


def check_counts(stage, _):
    title(f"Allocations and system calls, over {CONNECTIONS} connections, of one event loop")
    rows, within = [], True
    for name, count, limits in (
        ("allocations", count_allocations, ALLOCATIONS_MAX),
        ("system calls", count_system_calls, SYSTEM_CALLS_MAX),
    ):
        for upstream in stage.upstreams:
            value, limit = count(stage, upstream), limits[upstream]
            rows.append([name, upstream, f"{value:.1f}", limit if value <= limit else f"{limit}: **exceeded**"])
            within &= value <= limit
    table(["", "upstream", "a heartbeat", "at most"], *rows)
    return within


def count_allocations(stage, upstream):
    shim, counter = stage.work / "allocations.so", stage.work / "allocations"
    source = __file__.replace("counts.py", "allocations.c")
    output_of("clang", "-O2", "-shared", "-fPIC", "-fno-builtin", "-Wall", "-Werror", "-o", shim, source)
    counter.write_bytes(bytes(COUNT_BYTES))
    settings = {**ONE_LOOP, "LD_PRELOAD": str(shim), "ALLOCATIONS": str(counter)}

    def read():
        return int.from_bytes(counter.read_bytes(), "little")

    with contextlib.ExitStack() as stack:
        service = stage.service(stack, upstream, settings)
        drive(stage, service.url, WARM_UP_SECONDS, connections=CONNECTIONS)
        before = read()
        if not before:
            raise RuntimeError("no allocation was seen")
        answers = drive(stage, service.url, SECONDS, connections=CONNECTIONS).answers
        return (read() - before) / answers


def count_system_calls(stage, upstream):
    """What many heartbeats take beyond what none take, so that the start is not in it."""
    (idle, _), (busy, answers) = (traced(stage, upstream, loaded) for loaded in (False, True))
    return (busy - idle) / answers


def traced(stage, upstream, loaded):
    """How many system calls a service makes in its life, and how many requests it answers."""
    summary = stage.work / "strace"
    with contextlib.ExitStack() as stack:
        service = stage.service(stack, upstream, ONE_LOOP, under=["strace", "-f", "-c", "-o", summary])
        answers = drive(stage, service.url, SECONDS, connections=CONNECTIONS).answers if loaded else 0
        # strace would end at once, and it does end when what it traces has.
        (traced_pid,) = children(service.process.pid)
        os.kill(traced_pid, signal.SIGTERM)
        service.process.wait(STOP_SECONDS_MAX)
    calls = re.search(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).*\btotal$", summary.read_text(), re.MULTILINE)
    return int(calls[1]), answers
