"""Whether more event loops serve more, and whether many tokens and callers cost what few do."""

import collections
import contextlib
import hashlib
import random
import string
import zlib

from load import drive, measure
from report import median, spread, table, title

ROUNDS_MAX = 3
WARM_UP_SECONDS = 2
LOOPS_CONNECTIONS = 64
# Callers, and their tasks' tokens.
CROWDS = {"10 callers, 10 tokens": (10, 10), "10,000 callers, 100,000 tokens": (10_000, 100_000)}
# Fewer than there are tokens, so that a token comes again once its last heartbeat is answered: none are joined.
CROWD_CONNECTIONS = 4
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def measure_scale(stage, arguments):
    with contextlib.ExitStack() as stack:
        keys = make_keys(stack, stage, max(callers for callers, _ in CROWDS.values()))
        services = {loops: stage.service(stack, settings=loops_setting(loops)) for loops in sorted({1, stage.cores})}
        # Each caller's limit is looked up, and used up by none.
        limited = {name: stage.service(stack, settings={"HEARTBEAT_RATE_LIMIT": "1000000/s"}) for name in CROWDS}
        for service in services.values():
            drive(stage, service.url, WARM_UP_SECONDS)
        for name, (callers, _) in CROWDS.items():
            drive(stage, limited[name].url, WARM_UP_SECONDS, threads=1, keys=keys[:callers])

        samples = collections.defaultdict(list)
        for _ in range(min(ROUNDS_MAX, arguments.rounds)):
            for loops, service in services.items():
                samples[loops].append(measure(stage, service, arguments.seconds, connections=LOOPS_CONNECTIONS))
            for name, (callers, tokens) in CROWDS.items():
                load = {"connections": CROWD_CONNECTIONS, "threads": 1, "keys": keys[:callers], "tokens": tokens}
                samples[name].append(measure(stage, limited[name], arguments.seconds, **load))
    show_loops(samples, services)
    show_crowds(samples)
    return not any(sample.broken or sample.refused for name in CROWDS for sample in samples[name])


def loops_setting(loops):
    return {"HEARTBEAT_EVENT_LOOPS": str(loops)}


def show_loops(samples, services):
    title(f"Event loops, with all they can take over {LOOPS_CONNECTIONS} connections")
    rows = []
    for loops in services:
        some = samples[loops]
        cpu = spread([each.cpu for each in some], "{:.1f}")
        rows.append([loops, spread([each.rate for each in some], "{:,.0f}"), cpu])
    table(["loops", "requests/s", "µs CPU a request"], *rows)
    print("wrk, the upstream and PostgreSQL run on the same cores.\n")


def show_crowds(samples):
    title(f"Tokens and callers, over {CROWD_CONNECTIONS} connections")
    few = samples[next(iter(CROWDS))]
    rows = []
    for name in CROWDS:
        some = samples[name]
        ratios = [sample.cpu / beside.cpu if beside.cpu else 0 for sample, beside in zip(some, few)]
        row = [name, spread([each.cpu for each in some], "{:.1f}"), spread(ratios, "{:.2f}") if some is not few else ""]
        rows.append([*row, median([each.resident / 1e6 for each in some], "{:.0f}")])
    table(["", "µs CPU a request", "×", "RSS MB"], *rows)


def make_keys(stack, stage, count):
    """So many API keys, in the table as `keys create` would put them there; they go when the stack unwinds."""
    keys, rows = [], []
    for number in range(count):
        text = "hbf_" + "".join(random.choices(BASE62, k=38))
        checksum = zlib.crc32(text.encode())
        key = text + "".join(BASE62[checksum // 62**place % 62] for place in reversed(range(6)))
        keys.append(key)
        rows.append(f"('{key[4:12]}', 'crowd-{number}', '\\x{hashlib.sha256(key.encode()).hexdigest()}')")
    stack.callback(stage.sql, "DELETE FROM heartbeat_api_keys WHERE name LIKE 'crowd-%'")
    stage.sql(f"INSERT INTO heartbeat_api_keys (id, name, sha256) VALUES {','.join(rows)}")
    return keys
