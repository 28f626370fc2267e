"""Measures the heartbeat-facade of a directory, and prints tables in Markdown.

PostgreSQL, an nginx in SWF's place, which answers {"cancelRequested":false}, and all else are its own. Latencies are
those that wrk sees; CPU times are of all threads and processes, user and system. Medians of the rounds, and from the
least to the greatest.
"""

import argparse
import contextlib
import pathlib
import resource
import signal
import sys

from comparison import compare
from counts import check_counts
from latency import measure_latency
from memory import measure_memory
from report import machine
from scale import measure_scale
from stage import Stage

PARTS = {
    "comparison": compare,
    "latency": measure_latency,
    "memory": measure_memory,
    "scale": measure_scale,
    "counts": check_counts,
}


def main():
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("executables", type=pathlib.Path)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="for which each run of wrk lasts")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - PARTS.keys()
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    # As Ctrl-C does: what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, files_max = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files_max, files_max))
    fine = True
    with contextlib.ExitStack() as stack:
        stage = Stage(stack, arguments.executables.resolve())
        print(f"{machine(stage)}\n", flush=True)
        for name in arguments.parts or PARTS:
            fine &= PARTS[name](stage, arguments)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
