#!/usr/bin/env python3
"""Times OpenCL on the processor beside CLBlast, the CPU backend and PyTorch, and writes Benchmarks/results/opencl-cpu.md.

    apt-get install libclblast-dev pocl-opencl-icd
    VENV/bin/pip install torch==2.13.0+cpu --extra-index-url https://download.pytorch.org/whl/cpu
    VENV/bin/pip install intel-opencl-rt intel-cmplr-lib-rt
    VENV/bin/python Benchmarks/opencl_cpu.py --driver 'env OCL_ICD_VENDORS=POCL' \\
        --driver 'env OCL_ICD_VENDORS=INTEL LD_LIBRARY_PATH=VENV/lib' [--rounds 5] [--quick]

POCL and INTEL are folders with the .icd file of one driver each; its first device is timed. As in compare.py all take turns,
work by work, while the machine has both its cores.
"""
import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

from comparison import Comparison  # noqa: E402
from contenders import Peer, Recur, pytorch  # noqa: E402
from probe import Probe  # noqa: E402
from process import Runs  # noqa: E402
from report import digits, head, table  # noqa: E402
from worker import sizes  # noqa: E402

FAMILIES = ["matmul", "elman", "lstm", "gru"]
CPU, TORCH = "CPU backend", "PyTorch"


class Driver:
    """An OpenCL driver: Recur and CLBlast on its first device."""

    def __init__(self, command, program, clblast):
        prefix = shlex.split(command)
        run = subprocess.run([*prefix, program, "devices", "--json"], check=True, stdout=subprocess.PIPE, text=True)
        devices = [device for device in map(json.loads, run.stdout.splitlines()) if device["device"].startswith("opencl")]
        if not devices:
            sys.exit(f"opencl_cpu.py: '{command}' shows no OpenCL device")
        self.device = devices[0]
        self.name = "PoCL" if "Portable" in self.device["driver"] else self.device["driver"].split()[0].replace("(R)", "")
        self.recur = Recur(program, self.device["device"], self.name, prefix)
        self.runs = Runs(program, 5, self.device["device"], prefix)
        self.clblast = Peer(f"CLBlast on {self.name}", {"matmul": ["product"]}, [[*prefix, clblast]])

    def __str__(self):
        return f"{self.name}: {self.device['name']}, {self.device['driver']}, {self.device['compute_units']} units"


def built(folder):
    """The program that times CLBlast."""
    program = pathlib.Path(folder, "clblast")
    source = HERE / "peers/clblast.c"
    subprocess.run(["cc", "-O2", source, "-o", program, "-lclblast", "-lOpenCL"], check=True)
    return program


def products(samples, driver, works):
    """The table of a driver's products."""
    header = ["M×N×K", "CLBlast ms", "GF/s", "packed ms", "GF/s", "with packing ms", "GF/s"]
    header += ["packed × CLBlast", "with packing × CLBlast", "packed, of FMA peak", "packed × CPU backend"]
    return table(header, [product(samples, driver, work) for work in works])


def product(samples, driver, work):
    """The row of a product."""
    m, n, k = map(int, work.split()[1].split("×"))
    theirs = samples.median(driver.clblast.name, (work, "product"))
    ours = [samples.median(driver.name, (work, part)) for part in ("packed", "product")]
    row = [f"{m}×{n}×{k}"]
    for milliseconds in (theirs, *ours):
        row += [digits(milliseconds), digits(2e-6 * m * n * k / milliseconds)] if milliseconds else ["–", "–"]
    row += [digits(theirs / milliseconds) if theirs and milliseconds else "–" for milliseconds in ours]
    packed = (work, "packed")
    return row + [samples.share(packed, driver.name), samples.ratio(CPU, driver.name, packed)]


def cells(samples, drivers, works):
    """The table of all cells."""
    header = ["work", f"{CPU} ms", f"{TORCH} ms"]
    for driver in drivers:
        header += [f"{driver.name} ms", f"× {CPU}", f"× {TORCH}", "launches a step and layer"]
    rows = []
    for work in works:
        row = [" ".join(work), samples.spread(CPU, work), samples.spread(TORCH, work)]
        for driver in drivers:
            row += [samples.spread(driver.name, work), *(samples.ratio(other, driver.name, work) for other in (CPU, TORCH))]
            launches, size = samples.median(driver.name, work, "launches"), sizes(work[0])
            row.append(f"{launches / size['T'] / size['L']:.2f}" if launches else "–")
        rows.append(row)
    return table(header, rows)


def text(samples, drivers, notes, versions, starts):
    """The whole report."""
    works = samples.works()
    parts = [
        "# OpenCL on the processor\n",
        head("Benchmarks/opencl_cpu.py", versions),
        "".join(f"- {driver}\n" for driver in drivers),
        "Milliseconds are medians over rounds in which all took turns. × is another's time by ours, so above 1 Recur through\n"
        "OpenCL is faster.\n",
        notes + "\n",
    ]
    shapes = list(dict.fromkeys(work for work, _ in works if work.startswith("matmul")))
    for driver in drivers if shapes else ():
        parts += [f"## Products on {driver.name}\n", products(samples, driver, shapes)]
    if shapes:
        parts.append(
            "`A · Bᵀ`, row by row, M×N×K. *Packed* has B packed beforehand, as a whole sequence uses it; *with packing* is one\n"
            "call. The share is that of the FMA peak of all cores, measured between the same rounds.\n"
        )
    if layers := [work for work in works if not work[0].startswith("matmul")]:
        parts += [
            "## Cells\n",
            "T steps, B rows, I inputs, H hidden units, L layers; median (fastest–slowest); PyTorch at its best of 1 and 2 threads.\n",
            cells(samples, drivers, layers),
        ]
    if starts:
        header = ["from process start to the end of the first training step", "Recur's cache empty", "warm"]
        rows = [[driver.name, *(f"{seconds:.2f} s" for seconds in pair)] for driver, pair in zip(drivers, starts)]
        parts += ["## Starting\n", table(header, rows)]
    return "\n".join(parts)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recur", default=str(HERE.parent / ".build/release/recur"))
    parser.add_argument(
        "--driver", action="append", help="a command that runs its arguments with one driver; again for another"
    )
    parser.add_argument("--only", default=",".join(FAMILIES), help="families or works: " + ", ".join(FAMILIES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=15, help="after these no work is begun")
    parser.add_argument("--quick", action="store_true", help="small shapes, one round, to try the program")
    parser.add_argument("--output", help="default: Benchmarks/results/opencl-cpu.md of a full run, else standard output")
    options = parser.parse_args()
    options.starts = options.only == ",".join(FAMILIES)
    if options.output is None and options.starts and not options.quick:
        options.output = str(HERE / "results/opencl-cpu.md")
    return options


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        clblast = built(folder)
        drivers = [Driver(command, options.recur, clblast) for command in options.driver or ["env"]]
        cpu, torch = Recur(options.recur, name=CPU), pytorch(TORCH)
        rivals = [driver.clblast for driver in drivers] + [torch] * bool(torch.version)
        probe = None if options.quick else Probe()
        comparison = Comparison(probe, options.quick, options.minutes)
        works = cpu.works(options.only, options.quick)
        contenders = [cpu, *(driver.recur for driver in drivers), *rivals]
        comparison.rounds(1 if options.quick else options.rounds, works, lambda number: contenders)
        notes = comparison.notes()
        for sleeper in [*rivals, probe] if probe else rivals:
            sleeper.close()
    starts = [driver.runs.starts() for driver in drivers] if options.starts else []
    versions = [peer.version for peer in rivals if peer.version]
    report = text(comparison.samples, drivers, notes, versions, starts)
    if options.output:
        pathlib.Path(options.output).write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
