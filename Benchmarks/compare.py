#!/usr/bin/env python3
"""Times `recur bench` beside PyTorch, Keras and onnxruntime, in alternation, and writes Benchmarks/results/cpu.md.

    python3 -m venv VENV
    VENV/bin/pip install torch==2.13.0+cpu tensorflow-cpu==2.21.0 onnxruntime==1.31.1 onnx \\
        --extra-index-url https://download.pytorch.org/whl/cpu
    VENV/bin/python Benchmarks/compare.py [--recur PATH] [--only lstm,gru] [--rounds 7] [--quick]

In each round every contender takes its turn at each work, work by work, so that a machine whose speed drifts is fair to
all. Before and after each turn a probe looks whether the machine has both its cores; a turn in which it lost one is
dropped and repeated, a few times. RECUR_DATA_DIR says where tiny Shakespeare lies.
"""
import argparse
import pathlib
import platform
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

from comparison import Comparison  # noqa: E402
from contenders import Recur, peers  # noqa: E402
from probe import Probe  # noqa: E402
from process import Runs  # noqa: E402
from report import text  # noqa: E402

FAMILIES = ["elman", "lstm", "gru", "character", "notebook", "translator", "generate"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recur", default=str(HERE.parent / ".build/release/recur"))
    parser.add_argument("--only", default=",".join(FAMILIES), help="families: " + ", ".join(FAMILIES))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=12, help="after these no work is begun")
    levels = "cpu:avx2,cpu:baseline" if platform.machine() == "x86_64" else ""
    parser.add_argument("--others", default=levels, help="cpu:LEVEL or a device, separated by commas")
    parser.add_argument("--other-rounds", type=int, default=3, help="rounds that those take part in")
    parser.add_argument("--process", choices=["yes", "no", "only"], default="yes", help="measure whole processes too")
    parser.add_argument("--quick", action="store_true", help="small shapes, one round, to try the program")
    parser.add_argument("--output", help="default: Benchmarks/results/cpu.md of a full run, else standard output")
    options = parser.parse_args()
    options.only = [] if options.process == "only" else options.only.split(",")
    options.others = [target for target in options.others.split(",") if target]
    if unknown := set(options.only) - set(FAMILIES):
        sys.exit(f"compare.py: no family {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    if options.output is None and options.process == "yes" and options.only == FAMILIES and not options.quick:
        options.output = str(HERE / "results/cpu.md")
    return options


def main():
    options = arguments()
    rounds = 1 if options.quick else options.rounds
    recur, rivals = Recur(options.recur), peers() if options.only else []
    others = [Recur(options.recur, target) for target in options.others]
    works = recur.works(",".join(options.only), options.quick)
    probe = None if options.quick else Probe()
    comparison = Comparison(probe, options.quick, options.minutes)
    comparison.rounds(
        rounds, works, lambda number: [recur, *rivals] + (others if number < options.other_rounds else [])
    )
    notes = comparison.notes()
    for sleeper in [*rivals, probe] if probe else rivals:
        sleeper.close()
    processes = Runs(options.recur, 1 if options.quick else 3).measure() if options.process != "no" else []
    report = text(
        comparison.samples,
        [other.name for other in others],
        [peer.version for peer in rivals],
        notes,
        processes,
    )
    if options.output:
        pathlib.Path(options.output).write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
