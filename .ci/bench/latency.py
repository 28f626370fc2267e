"""What the service adds to the time of a direct call while there is little to do, and what with."""

import collections
import contextlib
import re
import statistics
import urllib.request

from load import drive
from processes import output_of
from report import spread, table, title

CONNECTIONS = 16
LOAD_PERCENT = 10
ROUNDS_MAX = 3


def measure_latency(stage, arguments):
    with contextlib.ExitStack() as stack:
        services = {upstream: stage.service(stack, upstream) for upstream in stage.upstreams}
        capacity = drive(stage, services["plain"].url, arguments.seconds).rate
        rate = capacity * LOAD_PERCENT / 100
        load = {"connections": CONNECTIONS, "threads": 1, "pause_max": max(1, round(2000 * CONNECTIONS / rate))}

        samples = collections.defaultdict(list)
        for _ in range(min(ROUNDS_MAX, arguments.rounds)):
            for upstream, url in stage.upstreams.items():
                for name, target in (("direct", url), ("heartbeat-facade", services[upstream].url)):
                    samples[upstream, name].append(drive(stage, target, arguments.seconds, **load))
    title(f"Latency at {LOAD_PERCENT} % load: {rate:.0f} heartbeats a second")
    show_difference(stage.upstreams, samples)
    alone = commit_alone(stage, rate, arguments.seconds)
    for upstream in stage.upstreams:
        show_parts(stage, upstream, arguments.seconds, load, samples[upstream, "direct"], alone)
    return not any(sample.refused or sample.broken for some in samples.values() for sample in some)


def show_difference(upstreams, samples):
    rows = []
    for upstream in upstreams:
        direct, relayed = samples[upstream, "direct"], samples[upstream, "heartbeat-facade"]
        for name, some in (("straight to the upstream", direct), ("through heartbeat-facade", relayed)):
            values = [[sample.p50 for sample in some], [sample.p99 for sample in some]]
            rows.append([upstream, name, *(spread(each, "{:.3f}") for each in values)])
        added = [[each.p50 - beside.p50 for each, beside in zip(relayed, direct)]]
        added += [[each.p99 - beside.p99 for each, beside in zip(relayed, direct)]]
        rows.append([upstream, "added", *(spread(each, "{:.3f}") for each in added)])
    table(["upstream", "", "p50 ms", "p99 ms"], *rows)


def commit_alone(stage, rate, seconds):
    """How long a row's transaction takes without the service, at that rate, into a table without an index: the mean."""
    stage.sql("CREATE TABLE commits (LIKE heartbeat_audit)")
    script = stage.work / "commit.sql"
    script.write_text("INSERT INTO commits SELECT * FROM heartbeat_audit LIMIT 1;\n")
    options = ["--no-vacuum", "--protocol=prepared", "--client=2", f"--rate={rate:.0f}", f"--time={seconds}"]
    command = f"{stage.postgresql_commands}/pgbench"
    printed = output_of(command, *options, f"--file={script}", stage.database)
    stage.sql("DROP TABLE commits")
    # From when it was due, and of that until it began.
    patterns = r"^latency average = (\S+) ms", r"^rate limit schedule lag: avg (\S+) "
    due, late = (float(re.search(pattern, printed, re.MULTILINE)[1]) for pattern in patterns)
    return due - late


def show_parts(stage, upstream, seconds, load, direct, alone):
    """What Server-Timing says of each answer, and what is left of the service's own measure, and of wrk's."""
    timings = stage.work / f"timings-{upstream}."
    with contextlib.ExitStack() as stack:
        service = stage.service(stack, upstream, {"HEARTBEAT_SERVER_TIMING": "on"})
        drive(stage, service.url, seconds, **load)
        before = durations(service)
        whole = drive(stage, service.url, seconds, **load, timings=timings)
        served = [after - earlier for after, earlier in zip(durations(service), before)]
    parts = collections.defaultdict(list)
    for line in timings.with_name(f"{timings.name}0").read_text().splitlines():
        for name, _, value in (part.partition(";dur=") for part in filter(None, line.split(", "))):
            parts[name].append(float(value))
    inside = served[0] / served[1] * 1000
    straight = [statistics.median(getattr(sample, name) for sample in direct) for name in ("mean", "p50", "p99")]
    rows = [
        ["to know the caller (`auth`)", *summary(parts["auth"])],
        ["to sign and make the call (`upstream`)", *summary(parts["upstream"])],
        ["of that, what the call takes straight", *straight],
        ["the audit row's commit (`audit`)", *summary(parts["audit"])],
        ["a row's transaction without the service (pgbench)", alone],
        ["the rest from the head's end to the answer", inside - sum(map(statistics.mean, parts.values()))],
        ["before and after: loopback, waiting for the loop, wrk", whole.mean - inside],
        ["all of it", whole.mean, whole.p50, whole.p99],
    ]
    shown = ([name, *(f"{value:.3f}" for value in values), *[""] * (3 - len(values))] for name, *values in rows)
    table([f"{upstream} upstream", "mean ms", "p50 ms", "p99 ms"], *shown)


def durations(service):
    """The sum, in seconds, and the count of what the service says that heartbeats took."""
    text = urllib.request.urlopen(f"{service.operations}/metrics").read().decode()
    name = "^heartbeat_request_duration_seconds"
    return [float(re.search(rf"{name}_{kind} (\S+)$", text, re.MULTILINE)[1]) for kind in ("sum", "count")]


def summary(values):
    """Mean, median and 99th percentile."""
    return statistics.mean(values), statistics.median(values), sorted(values)[len(values) * 99 // 100]
