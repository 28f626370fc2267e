"""Allocations and system calls for a heartbeat. Unlike times they hardly depend on the machine: they have limits."""

import contextlib
import pathlib
import re
import signal
import subprocess
import sys

from load import drive
from processes import STOP_SECONDS_MAX, output_of, started
from report import table, title

# For a heartbeat by upstream, a little above what they are; to be lowered as they fall. The allocations are to become 25.
ALLOCATIONS_MAX = {"plain": 27, "TLS": 34}
SYSTEM_CALLS_MAX = {"plain": 6, "TLS": 8}

SHIM = pathlib.Path(__file__).with_name("counts.c")
CONNECTIONS = 64
SECONDS = 6
WARM_UP_SECONDS = 2
COUNT_BYTES = 8
# How many loops there are says how many requests are served at a time.
ONE_LOOP = {"HEARTBEAT_EVENT_LOOPS": "1"}


def check_counts(stage, _):
    title(f"Allocations and system calls, over {CONNECTIONS} connections, of one event loop")
    shim = stage.work / "counts.so"
    output_of("clang", "-O2", "-shared", "-fPIC", "-fno-builtin", "-Wall", "-Werror", "-o", shim, SHIM)
    counts = {upstream: counts_of(stage, upstream, shim) for upstream in stage.upstreams}
    rows, within = [], True
    for index, (name, limits) in enumerate(
        [("allocations", ALLOCATIONS_MAX), ("system calls", SYSTEM_CALLS_MAX)]
    ):
        for upstream, values in counts.items():
            value, limit = values[index], limits[upstream]
            rows.append([name, upstream, f"{value:.1f}", limit if value <= limit else f"{limit}: **exceeded**"])
            within &= value <= limit
    table(["", "upstream", "a heartbeat", "at most"], *rows)
    return within


def counts_of(stage, upstream, shim):
    """Allocations and system calls for a heartbeat, of a service whose connections to SWF are made."""
    counter = stage.work / "allocations"
    counter.write_bytes(bytes(COUNT_BYTES))

    def allocations():
        return int.from_bytes(counter.read_bytes(), "little")

    with contextlib.ExitStack() as stack:
        service = stage.service(
            stack, upstream, {**ONE_LOOP, "LD_PRELOAD": str(shim), "ALLOCATIONS": str(counter)}
        )

        def served(seconds):
            return drive(stage, service.url, seconds, connections=CONNECTIONS).served

        served(WARM_UP_SECONDS)
        before = allocations()
        if not before:
            raise RuntimeError("no allocation was seen")
        heartbeats = served(SECONDS)
        allocated = allocations() - before
        trace = attached(stage, stack, service.process.pid)
        traced_heartbeats = served(SECONDS)
        trace.send_signal(signal.SIGINT)
        trace.wait(STOP_SECONDS_MAX)
    total = re.search(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).*\btotal$", summary(stage).read_text(), re.MULTILINE)
    return allocated / heartbeats, int(total[1]) / traced_heartbeats


def summary(stage):
    return stage.work / "strace"


def attached(stage, stack, pid):
    """strace, once it has all of the process's threads; it writes its summary when it is interrupted."""
    log = stage.work / "strace.log"
    trace = started(stack, ["strace", "-f", "-c", "-o", summary(stage), "-p", str(pid)], log)
    while "attached" not in log.read_text():
        with contextlib.suppress(subprocess.TimeoutExpired):
            trace.wait(0.05)
            sys.exit(f"strace has ended:\n{log.read_text()}")
    return trace
