"""The tables of a comparison, in Markdown."""
import datetime
import os
import platform
import shlex
import statistics
import subprocess
import sys

PEERS = ["PyTorch", "PyTorch tuned", "Keras", "Keras XLA", "onnxruntime"]


class Samples:
    """What the turns measured, by contender and work."""

    def __init__(self):
        self.turns = {}

    def add(self, contender, work, measurements):
        """Of one turn: {part: measurement}."""
        for part, measurement in measurements.items():
            self.turns.setdefault((contender, (work, part)), []).append(measurement)

    def values(self, contender, work, what="milliseconds"):
        values = (turn.get(what) for turn in self.turns.get((contender, work), []))
        return [value for value in values if value is not None]

    def median(self, contender, work, what="milliseconds"):
        values = self.values(contender, work, what)
        return statistics.median(values) if values else None

    def works(self):
        """In the order in which they were measured first."""
        return list(dict.fromkeys(work for _, work in self.turns))

    def ratio(self, peer, contender, work):
        theirs, ours = self.median(peer, work), self.median(contender, work)
        return f"{theirs / ours:.2f}" if theirs and ours else "–"

    def milliseconds(self, contender, work):
        median = self.median(contender, work)
        return digits(median) if median else "–"

    def share(self, work, contender="Recur"):
        share = self.median(contender, work, "share_of_peak")
        return f"{share * 100:.0f} %" if share else "–"

    def spread(self, contender, work):
        """`median (fastest–slowest)`."""
        values = self.values(contender, work)
        if not values:
            return "–"
        return f"{digits(statistics.median(values))} ({digits(min(values))}–{digits(max(values))})"


def digits(value):
    """Three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def machine():
    """The processor's name, its cores, the system."""
    text = subprocess.run(["lscpu"], check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"LC_ALL": "C"}).stdout
    facts = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return f"{facts['Model name'].strip()}, {os.cpu_count()} cores, {platform.platform()}"


def commit():
    """The commit that is checked out; `+` where files differ from it."""
    git = ["git", "-C", os.path.dirname(__file__)]
    name = subprocess.run(git + ["rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True).stdout.strip()
    changed = subprocess.run(git + ["status", "--porcelain", "-uno"], stdout=subprocess.PIPE, text=True).stdout
    return (name or "unknown") + ("+" if changed else "")


def head(program, versions):
    """What was run where and when."""
    command = shlex.join([program, *sys.argv[1:]])
    return (
        f"Written by `{command}` on {datetime.date.today()}, at commit {commit()}.\n\n"
        f"{machine()}. {', '.join(dict.fromkeys(versions))}.\n"
    )


def text(samples, others, versions, notes, processes):
    """The whole report."""
    works = samples.works()
    name = lambda work: " ".join(work)
    first = [
        [name(work), samples.share(work), samples.milliseconds("Recur", work)]
        + [samples.ratio(peer, "Recur", work) for peer in PEERS]
        for work in works
    ]
    parts = [
        "# The CPU backend beside its peers\n",
        head("Benchmarks/compare.py", versions),
        "T steps, B rows, I inputs, H hidden units, L layers. Milliseconds are medians over rounds in which all took turns; a peer is\n"
        "taken at its best of 1 and 2 threads, and × is its time by Recur's, so above 1 Recur is faster. *Tuned* is PyTorch with\n"
        "`MALLOC_MMAP_THRESHOLD_`, `MALLOC_TRIM_THRESHOLD_` and `MALLOC_TOP_PAD_` raised; *Keras XLA* is `jit_compile=True`.\n"
        "The share is that of the FMA peak of all cores, measured between the same rounds.\n",
        notes + "\n",
        table(["work", "share of FMA peak", "ms"] + [f"× {peer}" for peer in PEERS], first),
    ]
    if others:
        rows = [
            [name(work), samples.milliseconds("Recur", work)]
            + [cell for other in others for cell in (samples.spread(other, work), samples.ratio("PyTorch", other, work))]
            for work in works
        ]
        header = ["work", "Recur"] + [cell for other in others for cell in (other, "× PyTorch")]
        parts += ["## Other instruction sets and devices\n", table(header, rows)]
    contenders = ["Recur", *PEERS]
    rows = [[name(work)] + [samples.spread(contender, work) for contender in contenders] for work in works]
    parts += ["## Milliseconds\n", "Median (fastest–slowest).\n", table(["work", *contenders], rows)]
    if processes:
        parts += ["## Whole processes\n", table(["what", "Recur", "beside it", "ratio"], processes)]
    return "\n".join(parts)
