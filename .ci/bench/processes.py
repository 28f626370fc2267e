"""Processes, ended when a stack unwinds, and what /proc tells of them."""

import contextlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import urllib.request

STARTUP_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status_fields(pid):
    """/proc/PID/stat from the field `state` on (proc_pid_stat(5)'s third)."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children(pid):
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and status_fields(entry.name)[1] == str(pid):
                yield int(entry.name)


def cpu_seconds(pid):
    """Of the process, of those that it has waited for, and of those that it still has."""
    fields = status_fields(pid)
    return sum(map(int, fields[11:15])) / TICKS_PER_SECOND + sum(map(cpu_seconds, children(pid)))


def resident_bytes(pid):
    """Of the process and of those that it has; what they share counts in each."""
    own = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024
    return own + sum(map(resident_bytes, children(pid)))


def output_of(*command, text="", env=None):
    """What it prints when it is given the text; where it fails all ends with what it complains of."""
    finished = subprocess.run(command, input=text, capture_output=True, text=True, env=env)
    if finished.returncode:
        sys.exit(f"{command[0]} has failed:\n{finished.stderr[-2000:]}")
    return finished.stdout.strip()


def started(stack, command, log, environment=None):
    """The process; it is stopped, and waited for, when the stack unwinds."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )

    def stop():
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(stop)
    return process


def await_answer(process, url, log):
    for _ in range(STARTUP_SECONDS_MAX * 20):
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(url, timeout=5).read()
        # The wait between two tries, which ends at once if the process does.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
    sys.exit(f"{url} is not answered; the log:\n{pathlib.Path(log).read_text()[-2000:]}")
