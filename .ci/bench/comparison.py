"""The service beside proxies that neither authenticate nor audit, each with all it can take, in turns."""

import collections
import contextlib
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
        contenders = {}
        for upstream in stage.upstreams:
            makers = (stage.proxy, stage.service, stage.signing_proxy)
            contenders[upstream] = [found for found in (make(stack, upstream) for make in makers) if found]
        for contender in (each for some in contenders.values() for each in some):
            warmth = drive(stage, contender.url, WARM_UP_SECONDS)
            served += warmth.served if contender.operations else 0
        for _ in range(arguments.rounds):
            for connections in CONNECTIONS:
                for upstream, some in contenders.items():
                    for contender in some:
                        sample = measure(stage, contender, arguments.seconds, connections=connections)
                        samples[connections, upstream, contender.name].append(sample)
                        served += sample.served if contender.operations else 0
        # After the drain no call is under way any more: what wrk broke off at its end has its row, too.
        services = [each.process for some in contenders.values() for each in some if each.operations]
        for service in services:
            service.send_signal(signal.SIGTERM)
        exits = [service.wait(STOP_SECONDS_MAX) for service in services]
    show(samples)
    if not any(name == "aws-sigv4-proxy" for _, _, name in samples):
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
        row += [spread(ratios, "{:.2f}") if name != "nginx" else "", spread([sample.rate for sample in some], "{:,.0f}")]
        row += [spread([getattr(sample, name) for sample in some], "{:.2f}") for name in ("p50", "p99", "p99_9")]
        row += [median([sample.resident / 1e6 for sample in some], "{:.0f}")]
        row += [median([sample.refused / max(sample.answers, 1) * 100 for sample in some], "{:.0f} %")]
        rows.append(row)
        if name == "heartbeat-facade":
            cpu = spread([sample.postgresql_cpu for sample in some], "{:.1f}")
            rows.append([connections, upstream, "its PostgreSQL", cpu, *[""] * (len(HEAD) - 4)])
    table(HEAD, *rows)
