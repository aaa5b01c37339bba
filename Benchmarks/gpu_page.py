"""The page and the JSON of a run of gpu.sh, of what is measured so far. Run by it after each part:

    gpu_page.py FOLDER RESULT DEVICE COMMIT VERSION SECONDS [--small]

FOLDER has parts.tsv (name, seconds, state) and a .jsonl and a .log of each file of parts; RESULT.md and RESULT.json are written.
"""
import json
import os
import platform
import re
import sys
import time

CELL = re.compile(r"(lstm|gru|elman) T(\d+) ")


def lines(folder, name):
    """The objects of a file; half a line of a program that was killed is none."""
    objects = []
    try:
        with open(f"{folder}/{name}.jsonl", encoding="utf-8") as file:
            for line in file:
                try:
                    objects.append(json.loads(line))
                except ValueError:
                    pass
    except FileNotFoundError:
        pass
    return [each for each in objects if isinstance(each, dict)]


def text(folder, name):
    try:
        with open(f"{folder}/{name}", encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Run:
    """What lies in the folder."""

    def __init__(self, folder, device):
        self.parts = {}
        for line in text(folder, "parts.tsv").splitlines():
            name, seconds, state = (line.split("\t", 2) + ["", ""])[:3]
            self.parts[name] = (seconds, state)
        files = sorted(name[:-6] for name in os.listdir(folder) if name.endswith(".jsonl"))
        self.lines = {name: lines(folder, name) for name in files}
        self.device = next((each for each in self.lines.get("devices", []) if each["device"] == device), {})
        # The last measurement of a part of a work, by file.
        self.times = {name: {(each["name"], each["part"]): each for each in of if "milliseconds" in each}
                      for name, of in self.lines.items()}
        self.notes = sorted({line for name in files for line in text(folder, name + ".log").splitlines()
                             if line.startswith("recur: ") and "checking" not in line})
        self.clinfo = "\n".join(text(folder, "clinfo.jsonl").splitlines())

    def get(self, file, work, part, key="milliseconds"):
        return self.times.get(file, {}).get((work, part), {}).get(key)

    def keys(self, *files):
        """The works and parts of files, each once."""
        return list(dict.fromkeys(key for file in files for key in self.times.get(file, {})))

    def reason(self, part):
        """Why a part says nothing of the barrier."""
        state = (self.parts.get(part) or self.parts.get("persistent launches") or ("", "it did not run"))[1]
        barrier = self.device.get("capabilities", {}).get("barrier across work-groups", "unknown")
        return f"nothing for this device, whose barrier is {barrier}" if state == "done" else state

    def checks(self):
        """The cases of all checks by name, the last result of each."""
        return {each["name"]: each for each in self.lines.get("check", []) if each.get("event") == "case"}


# MARK: Numbers as text

def digits(number):
    """Three digits that count."""
    return "–" if number is None else f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def ratio(theirs, ours):
    return None if theirs is None or not ours else theirs / ours


def scaled(number, factor):
    return None if number is None else number * factor


def table(header, rows):
    if not rows:
        return ["Nothing was measured.", ""]
    return [f"| {' | '.join(row)} |" for row in [header, ["---"] * len(header)] + rows] + [""]


# MARK: The page

def findings(run):
    """What is unknown of a new device."""
    capabilities = run.device.get("capabilities", {})
    for name in ["barrier across work-groups", "tensor cores", "subgroups", "long loops", "kernels"]:
        yield f"{name}: {capabilities.get(name, 'this version does not say')}"
    for word, what in [("barrier", "litmus of the barrier"), ("persistent", "persistent launches against one per step")]:
        cases = [each for name, each in run.checks().items() if name.startswith(word)]
        failed = [each["name"] for each in cases if not each.get("passed")]
        yield f"{what}: " + (
            f"{len(cases)} cases, {len(failed)} failed {'; '.join(failed)}".rstrip() if cases
            else f"missing: {run.reason('check ' + word)}")
    waits = {key: each for key, each in run.times.get("device", {}).items() if "barrier" in " ".join(key)}
    if not waits:
        yield f"latency of the barrier: missing: {run.reason('device latency')}"
    for (work, _), each in waits.items():
        rounds = int((re.search(r"x(\d+)$", work) or [0, 1])[1])
        yield f"latency of the barrier: {digits(each['milliseconds'] * 1000 / rounds)} µs ({work})"
    for file in ["step", "persistent"]:
        for part in ["forward", "training"]:
            time = run.get(file, "lstm T64 B64 I512 H512", part)
            if time is not None:
                yield f"LSTM H512 B64, {file}, {part}: {digits(time * 1000 / 64)} µs a step"


def cells(run):
    """Microseconds a time step, in each tier, beside PyTorch."""
    rows = []
    for work, part in run.keys("step", "persistent", "tf32", "tuned"):
        match = CELL.match(work)
        if not match:
            continue
        micro = {file: scaled(run.get(file, work, part), 1000 / int(match[2])) for file in run.times}
        step, persistent, tuned, tf32 = (micro.get(file) for file in ["step", "persistent", "tuned", "tf32"])
        theirs, rounded = micro.get("pytorch-float32"), micro.get("pytorch-tf32")
        known = [(time, file) for time, file in [(step, "step"), (persistent, "persistent"), (tuned, "tuned")]
                 if time is not None]
        best, file = min(known, default=(None, "step"))
        launches = [str(run.get(tier, work, part, "launches") or "–") for tier in ["step", "persistent"]]
        share = run.get(file, work, part, "share_of_peak")
        rows.append([work, part, digits(step), launches[0], digits(persistent), launches[1], digits(tuned), digits(theirs),
                     digits(ratio(theirs, best)), digits(tf32), digits(rounded), digits(ratio(rounded, tf32)),
                     "–" if share is None else f"{share * 100:.0f} %",
                     digits(scaled(run.get(file, work, part, "peak_bytes"), 1e-6)),
                     digits(scaled(run.get("pytorch-float32", work, part, "peak_bytes"), 1e-6))])
    return table(["work", "part", "step", "its launches", "persistent", "its launches", "tuned", "PyTorch", "×", "TF32",
                  "PyTorch TF32", "×", "of FMA peak", "MB", "PyTorch MB"], rows)


def others(run):
    """Products and models in milliseconds."""
    rows = []
    for work, part in run.keys("default", "tuned", "tf32", "bf16"):
        if CELL.match(work):
            continue
        peer = "product" if part == "packed" else part
        default, tuned, tf32, bf16 = (run.get(file, work, part) for file in ["default", "tuned", "tf32", "bf16"])
        theirs, rounded = (run.get(file, work, peer) for file in ["pytorch-float32", "pytorch-tf32"])
        best = min((time for time in [default, tuned] if time is not None), default=None)
        share = run.get("default", work, part, "share_of_peak")
        rows.append([work, part, digits(default), digits(run.get("default", work, part, "gigaflops")),
                     "–" if share is None else f"{share * 100:.0f} %", digits(tuned), digits(theirs), digits(ratio(theirs, best)),
                     digits(tf32), digits(rounded), digits(ratio(rounded, tf32)), digits(bf16)])
    return table(["work", "part", "ms", "GF/s", "of FMA peak", "tuned", "PyTorch", "×", "TF32", "PyTorch TF32", "×", "BF16"], rows)


def page(run, device, commit, version, seconds, small):
    peers = run.lines.get("pytorch-float32", [{}])[0].get("device")
    host = next((line.split(":", 1)[1].strip() for line in text("/proc", "cpuinfo").splitlines()
                 if line.startswith("model name")), platform.processor())
    cases = run.checks().values()
    failed = [each["name"] for each in cases if not each.get("passed")]
    name, driver = run.device.get("name", "an unknown device"), run.device.get("driver")
    yield from [f"# {name}", ""]
    yield from [f"Written by `Benchmarks/gpu.sh` on {time.strftime('%Y-%m-%d', time.gmtime())}, at commit {commit} (recur {version}), "
                f"{seconds} s after the start of the last run." + " Tiny shapes, which only try the script." * small, ""]
    yield from [f"Device `{device}`: {name}, {driver}. Host: {host}, {platform.system()} {platform.release()} {platform.machine()}."]
    yield from [f"Beside it: {peers}."] * bool(peers) + [""]
    yield from ["## What was unknown", ""] + [f"- {each}" for each in findings(run)] + [""]
    yield from [f"Checks: {len(cases)} cases, {len(failed)} failed{''.join('; ' + each for each in failed[:20])}.", ""]
    yield from [f"- {each}" for each in run.notes] + [""] * bool(run.notes)
    yield from ["## What ran", ""]
    yield from table(["part", "seconds", "state"], [[part, *state] for part, state in run.parts.items()])
    yield from ["## Cells", "",
                "Microseconds a time step, the median of 3 rounds. T steps, B rows, I inputs, H hidden units, L layers; training is forward",
                "and backward. × is PyTorch's time by the best of ours: above 1 Recur is faster. Where *persistent* has as many launches as",
                "*step*, it was none: U did not fit into the registers, or work-groups did not meet. MB is what the device held at most for a",
                "work, in training; PyTorch's is torch.cuda.max_memory_allocated.", ""]
    yield from cells(run)
    yield from ["## Products and models", "",
                "Milliseconds. A product is `A · Bᵀ`, M×N×K; *packed* has B packed beforehand. TF32 and BF16 round the factors of large",
                "products (`--precision`)." + ("" if run.device.get("kind") == "gpu" else " There is no GPU here: plain C stands in for tensor cores, so those times say nothing."), ""]
    yield from others(run)
    done = [(name[5:], each) for name, of in run.lines.items() if name.startswith("text-")
            for each in of if each.get("event") == "done"]
    if done:
        yield from ["## On a text", "",
                    "A small character model on the first 10,000 bytes of the text." if small else
                    "The character model of two layers of 512, 64 streams × 64 steps, on the first 90 % of the text; README.md beside this page\n"
                    "says where the CPU backend ends.", ""]
        yield from [f"- {name}: validation loss {each['validation_loss']:.4f} after {each['epochs']} epochs, "
                    f"in {each['seconds']:.1f} s." for name, each in done] + [""]
    yield from ["## The device", ""] + [f"- {key}: {value}" for key, value in sorted(run.device.get("capabilities", {}).items())] + [""]
    peaks = [each["peak"] for each in run.times.get("device", {}).values() if each.get("peak")]
    yield from [f"FMA peak: {max(peaks):.0f} GF/s.", ""] if peaks else []
    yield from table(["what", "part", "µs", "GB/s"], [
        [work, part, digits(each["milliseconds"] * 1000), digits(each.get("gigabytes"))]
        for (work, part), each in run.times.get("device", {}).items()])
    if run.lines.get("tune"):
        yield from ["## Tuning", ""]
        yield from table(["what", "untuned ms", "tuned ms", "kernels"], [
            [each["name"], digits(each["before"] * 1000), digits(each["after"] * 1000), each["choice"]]
            for each in {each["name"]: each for each in run.lines["tune"] if "choice" in each}.values()])


def write(path, content):
    """Whole or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(content)
    os.replace(path + ".new", path)


def main():
    (folder, result, device, commit, version, seconds), small = sys.argv[1:7], "--small" in sys.argv[7:]
    run = Run(folder, device)
    write(f"{result}.md", "\n".join(page(run, device, commit, version, seconds, small)).rstrip() + "\n")
    kept = {name: of for name, of in run.lines.items() if name not in ("devices", "check", "clinfo")}
    write(f"{result}.json", json.dumps({
        "date": time.strftime("%Y-%m-%d", time.gmtime()), "commit": commit, "version": version, "device": run.device,
        "parts": [{"name": name, "seconds": seconds, "state": state} for name, (seconds, state) in run.parts.items()],
        "failed": [each for each in run.checks().values() if not each.get("passed")],
        "measurements": kept, "notes": run.notes, "clinfo": run.clinfo,
    }, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
