"""What the service adds to the time of a direct call while there is little to do, and what with."""

import collections
import contextlib
import statistics

from load import drive
from report import median, spread, table, title

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
    for upstream in stage.upstreams:
        show_parts(stage, upstream, arguments.seconds, load, samples[upstream, "direct"])
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


def show_parts(stage, upstream, seconds, load, direct):
    """What Server-Timing says of each answer; what of it is the upstream's own is known from the direct calls."""
    timings = stage.work / f"timings-{upstream}."
    with contextlib.ExitStack() as stack:
        service = stage.service(stack, upstream, {"HEARTBEAT_SERVER_TIMING": "on"})
        drive(stage, service.url, seconds, **load)
        whole = drive(stage, service.url, seconds, **load, timings=timings)
    parts = collections.defaultdict(list)
    for line in timings.with_name(f"{timings.name}0").read_text().splitlines():
        for name, _, value in (part.partition(";dur=") for part in filter(None, line.split(", "))):
            parts[name].append(float(value))
    medians = {name: statistics.median(values) for name, values in parts.items()}
    upstream_itself = statistics.median(sample.p50 for sample in direct)
    rows = [
        ["to know the caller (`auth`)", medians["auth"], percentile(parts["auth"], 99)],
        ["the call, straight", upstream_itself, None],
        ["to sign it, and to relay it (`upstream` without that)", medians["upstream"] - upstream_itself, None],
        ["both (`upstream`)", medians["upstream"], percentile(parts["upstream"], 99)],
        ["the audit row's commit (`audit`)", medians["audit"], percentile(parts["audit"], 99)],
        ["the rest: reading, answering, loopback, wrk", whole.p50 - sum(medians.values()), None],
        ["all of it", whole.p50, whole.p99],
    ]
    shown = ([name, *("" if value is None else f"{value:.3f}" for value in values)] for name, *values in rows)
    table([f"{upstream} upstream", "p50 ms", "p99 ms"], *shown)


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
