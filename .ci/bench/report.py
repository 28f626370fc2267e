"""Markdown, and what several rounds come to."""

import pathlib
import re
import shutil
import statistics

from processes import output_of


def table(*rows):
    """The first row is the head."""
    head, *body = ([str(cell) for cell in row] for row in rows)
    for row in (head, ["---"] * len(head), *body):
        print("|", " | ".join(row), "|")
    print(flush=True)


def title(text):
    print(f"**{text}**\n", flush=True)


def median(values, form):
    return form.format(statistics.median(values))


def spread(values, form):
    """The median, and from the least to the greatest."""
    text = median(values, form)
    return text if len(values) == 1 else f"{text} ({form.format(min(values))}–{form.format(max(values))})"


def machine(stage):
    """A sentence: what was measured on."""
    model = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    versions = [f"Linux {pathlib.Path('/proc/sys/kernel/osrelease').read_text().strip()}"]
    versions.append(f"nginx {output_of('sh', '-c', 'nginx -v 2>&1').rpartition('/')[2]}")
    versions.append(f"PostgreSQL {output_of(f'{stage.postgresql_commands}/postgres', '--version').split()[2]}")
    if shutil.which("swift"):
        versions.append(re.search(r"Swift version \S+", output_of("sh", "-c", "swift --version 2>&1"))[0])
    return f"{model[1] if model else 'unknown CPU'}, {stage.cores} cores; {', '.join(versions)}."
