"""Allocations and system calls for a heartbeat. Unlike times they hardly depend on the machine: they have limits."""

import contextlib
import os
import re
import signal

from load import drive
from processes import STOP_SECONDS_MAX, children, output_of
from report import table, title

# For a heartbeat by upstream, a little above what they are; to be lowered as they fall. The allocations are to become 25.
ALLOCATIONS_MAX = {"plain": 27, "TLS": 34}
SYSTEM_CALLS_MAX = {"plain": 6, "TLS": 8}

CONNECTIONS = 64
SECONDS = 6
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
        served = drive(stage, service.url, SECONDS, connections=CONNECTIONS).served
        return (read() - before) / served


def count_system_calls(stage, upstream):
    """What a long load takes beyond a short one, so that the start and the connections' beginnings are not in it."""
    (short, few), (long, many) = (traced(stage, upstream, seconds) for seconds in (WARM_UP_SECONDS, SECONDS))
    return (long - short) / (many - few)


def traced(stage, upstream, seconds):
    """How many system calls a service makes in its life, and how many heartbeats it serves."""
    summary = stage.work / "strace"
    with contextlib.ExitStack() as stack:
        service = stage.service(stack, upstream, ONE_LOOP, under=["strace", "-f", "-c", "-o", summary])
        served = drive(stage, service.url, seconds, connections=CONNECTIONS).served
        # A signal to strace itself would end the trace before the service.
        (traced_pid,) = children(service.process.pid)
        os.kill(traced_pid, signal.SIGTERM)
        service.process.wait(STOP_SECONDS_MAX)
    total = re.search(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).*\btotal$", summary.read_text(), re.MULTILINE)
    return int(total[1]), served
