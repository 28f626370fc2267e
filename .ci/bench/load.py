"""Heartbeats by wrk: as fast as they are answered, or with pauses."""

import dataclasses
import itertools
import json

from processes import cpu_seconds, output_of, resident_bytes

ANSWER_SECONDS_MAX = 30
RUNS = itertools.count()

# The tokens have a real one's length and alphabet. A thread has every so many of them, where they come again at all:
# equal ones that are under way together might be relayed once.
SCRIPT = """
local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
local keys, headers = {{ {keys} }}, {{}}
for number, key in ipairs(keys) do
    headers[number] = {{ ["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json" }}
end
local token = "AAAAKgAAAAEAAAAAAAAAA" .. string.rep("n3/w+Demo5Q", 48) .. "{run}x"
local calls = 0
function request()
    local number = ({threads} * calls + id) % {tokens}
    calls = calls + 1
    return wrk.format("POST", string.format("/tasks/%s%08d/heartbeat", token, number), headers[number % #keys + 1],
                      '{{"details":"50%"}}')
end
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\\n{{"answers": %d, "seconds": %f, "refused": %d, "broken": %d',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
    io.write(string.format(
        ', "mean": %f, "p50": %f, "p99": %f, "p99_9": %f}}\\n', latency.mean / 1000,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000))
end
"""

# In milliseconds, after each answer; the mean is half of it.
PAUSES = """
function delay() return math.random(0, {pause_max}) end
"""

# Kept by the thread, a line an answer.
TIMINGS = """
function init() timings = io.open("{timings}" .. id, "w"); timings:setvbuf("line") end
function response(status, fields) timings:write(fields["Server-Timing"] or "", "\\n") end
"""


@dataclasses.dataclass
class Sample:
    """What a run of wrk came to; latencies are in milliseconds."""

    answers: int
    seconds: float
    # Answers with a status from 400 on.
    refused: int
    # Connections that failed, and requests without an answer.
    broken: int
    mean: float
    p50: float
    p99: float
    p99_9: float
    # CPU time in microseconds for each request that was served.
    cpu: float = 0
    postgresql_cpu: float = 0
    resident: int = 0

    @property
    def served(self):
        return self.answers - self.refused

    @property
    def rate(self):
        return self.served / self.seconds


def drive(stage, url, seconds, connections=64, threads=None, keys=None, tokens=100_000_000, pause_max=0, timings=None):
    """Which files of `timings` then have the answers' Server-Timing, the numbers of wrk's threads tell."""
    threads = min(threads or stage.cores, connections)
    keys = ",".join(f'"{key}"' for key in keys or [stage.key])
    text = SCRIPT.format(keys=keys, run=next(RUNS), threads=threads, tokens=tokens)
    text += PAUSES.format(pause_max=pause_max) if pause_max else ""
    text += TIMINGS.format(timings=timings) if timings else ""
    script = stage.work / "wrk.lua"
    script.write_text(text)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", f"--timeout={ANSWER_SECONDS_MAX}s"]
    return Sample(**json.loads(output_of(*command, "-s", script, url).splitlines()[-1]))


def measure(stage, contender, seconds, **load):
    """As `drive`, with the CPU time of the contender's processes, and of PostgreSQL's."""
    pids = contender.process.pid, stage.postmaster
    before = [cpu_seconds(pid) for pid in pids]
    sample = drive(stage, contender.url, seconds, **load)
    used = [cpu_seconds(pid) - earlier for pid, earlier in zip(pids, before)]
    if sample.served:
        sample.cpu, sample.postgresql_cpu = (value / sample.served * 1e6 for value in used)
    sample.resident = resident_bytes(contender.process.pid)
    return sample
