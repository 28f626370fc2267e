"""The service beside proxies that neither authenticate nor audit, each with all it can take, in turns."""

import collections
import contextlib
import itertools
import signal

from load import drive, measure
from processes import STOP_SECONDS_MAX
from report import median, spread, table, title

CONNECTIONS = (1, 64, 512)
WARM_UP_SECONDS = 1
HEAD = ["connections", "upstream", "", "µs CPU a request", "× nginx", "requests/s", "p50 ms", "p99 ms", "p99.9 ms"]
HEAD += ["RSS MB", "refused"]


def compare(stage, arguments):
    """Whether no connection failed and no row is missing."""
    rows_before, served = stage.rows(), 0
    samples = collections.defaultdict(list)
    with contextlib.ExitStack() as stack:
        makers = (stage.proxy, stage.service, stage.signing_proxy)
        contenders = [(upstream, make(stack, upstream)) for upstream in stage.upstreams for make in makers]
        contenders = [(upstream, contender) for upstream, contender in contenders if contender]
        for _, contender in contenders:
            warm_up = drive(stage, contender.url, WARM_UP_SECONDS)
            served += warm_up.served if contender.operations else 0
        for _, connections in itertools.product(range(arguments.rounds), CONNECTIONS):
            for upstream, contender in contenders:
                sample = measure(stage, contender, arguments.seconds, connections=connections)
                samples[connections, upstream, contender.name].append(sample)
                served += sample.served if contender.operations else 0
        # After the drain no call is under way any more: what wrk broke off at its end has its row, too.
        services = [contender.process for _, contender in contenders if contender.operations]
        for service in services:
            service.send_signal(signal.SIGTERM)
        exits = [service.wait(STOP_SECONDS_MAX) for service in services]
    show(samples)
    if any(name == "aws-sigv4-proxy" for _, _, name in samples):
        print("aws-sigv4-proxy keeps two connections to the upstream, and makes others anew for each request.")
    else:
        print("aws-sigv4-proxy is left out: it is not on the PATH.")
    rows = stage.rows() - rows_before
    print(f"PostgreSQL has {rows} audit rows of the {served} heartbeats that were served.\n", flush=True)
    broken = sum(sample.broken for some in samples.values() for sample in some)
    if broken:
        print(f"{broken} connections or requests failed.\n")
    return rows >= served and not any(exits) and not broken


def show(samples):
    title("CPU time, rate and latency with all that each can take")
    rows = []
    for (connections, upstream, name), some in samples.items():
        nginx = samples[connections, upstream, "nginx"]
        ratios = [sample.cpu / beside.cpu if beside.cpu else 0 for sample, beside in zip(some, nginx)]
        row = [connections, upstream, name, spread([sample.cpu for sample in some], "{:.1f}")]
        row += ["" if some is nginx else spread(ratios, "{:.2f}"), spread([each.rate for each in some], "{:,.0f}")]
        row += [spread([getattr(sample, name) for sample in some], "{:.2f}") for name in ("p50", "p99", "p99_9")]
        row += [median([sample.resident / 1e6 for sample in some], "{:.0f}")]
        row += [median([sample.refused / max(sample.answers, 1) * 100 for sample in some], "{:.0f} %")]
        rows.append(row)
        if name == "heartbeat-facade":
            cpu = spread([sample.postgresql_cpu for sample in some], "{:.1f}")
            rows.append([connections, upstream, "its PostgreSQL", cpu, *[""] * (len(HEAD) - 4)])
    table(HEAD, *rows)
