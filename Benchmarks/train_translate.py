#!/usr/bin/env python3
"""Trains a translator of Multi30k with `recur train translate` and with PyTorch, and translates the test with both.

    RECUR_DATA_DIR=DATA VENV/bin/python Benchmarks/train_translate.py [--pairs 9600] [--model DE-EN] [--threads 2]

Both train the same network from the same initial weights on the same batches of German and English lines, with the same dropout
probability, label smoothing, schedule and clipping; the masks of the dropout differ. It prints the seconds per step and the
loss of each epoch. With --model, a folder that `recur train translate` wrote with its defaults, both translate the
1,000 lines of the test of 2016 with it, with a beam of 5 in batches of 50: seconds and BLEU. `recur translate` is timed with the start
of the process and the reading of the model, PyTorch without. They take turns, and medians are printed.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

import sacrebleu  # noqa: E402
import torch  # noqa: E402
from parallel_text import Buckets, Vocabulary, lines, words  # noqa: E402
from report import digits  # noqa: E402
from torch_search import translations  # noqa: E402
from torch_translate import Translator, batch, train  # noqa: E402

RATE, WARM_UP, SMOOTHING, CLIP, BATCH = 2e-3, 200, 0.1, 1, 96
LINES = 50  # of a batch of translations


class Multi30k:
    def __init__(self):
        self.folder = pathlib.Path(os.environ.get("RECUR_DATA_DIR", ""), "multi30k")

    def path(self, part, language):
        path = self.folder / f"{part}.{language}.gz"
        if not path.is_file():
            sys.exit(f"train_translate.py: there is no {path}; set RECUR_DATA_DIR")
        return str(path)


class Training:
    """The same training by both."""

    def __init__(self, data, folder, options):
        self.folder, self.options, self.runs = pathlib.Path(folder), options, 0
        sides = [lines(data.path("train", language)) for language in ("de", "en")]
        self.files = [self.folder / "sources", self.folder / "targets"]
        for file, side in zip(self.files, sides):
            file.write_text("\n".join(side[: options.pairs or None]) + "\n", encoding="utf-8")
        files = ["--source", data.path("train", "de"), "--target", data.path("train", "en")]
        self.recur_run("initial", [*files, "--lowercase", "--minimum-count", "2", "--epochs", "0"])

    def recur_run(self, name, settings):
        """The events of the epochs."""
        options = self.options
        command = [options.recur, "train", "translate", "--model", self.folder / name, *settings, "--validation-fraction", "0"]
        command += ["--seed", options.seed, "--threads", options.threads, "--device", "cpu", "--json"]
        output = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        return [event for event in map(json.loads, output.splitlines()) if event["event"] == "epoch"]

    def recur(self):
        """Milliseconds per step, and the loss of each epoch."""
        self.runs += 1
        settings = ["--from", self.folder / "initial", "--source", self.files[0], "--target", self.files[1]]
        settings += ["--epochs", self.options.epochs, "--batch", BATCH, "--learning-rate", RATE, "--schedule", f"cosine:{WARM_UP}"]
        settings += ["--label-smoothing", SMOOTHING, "--clip-norm", CLIP]
        epochs = self.recur_run(f"run-{self.runs}", settings)
        seconds = sum(epoch["seconds"] for epoch in epochs)
        return seconds * 1e3 / epochs[-1]["step"], [epoch["train_loss"] for epoch in epochs]

    def pytorch(self):
        """Milliseconds per step, and the loss of each epoch."""
        torch.manual_seed(self.options.seed)
        model = Translator.load(self.folder / "initial")
        sides = [Vocabulary(self.folder / "initial" / f"{side}.json") for side in ("source", "target")]
        sources, targets = ([side.encode(line) for line in lines(file)] for side, file in zip(sides, self.files))
        sources = [source + [sides[0].boundary] for source in sources]
        buckets = Buckets(sources, targets, BATCH, self.options.seed)
        start = time.perf_counter()
        pairs = lambda places: batch([sources[place] for place in places], [targets[place] for place in places], sides[1].boundary)
        epochs = [list(map(pairs, buckets.epoch(number))) for number in range(self.options.epochs)]
        losses = train(model, epochs, RATE, WARM_UP, SMOOTHING, CLIP)
        return (time.perf_counter() - start) * 1e3 / sum(map(len, epochs)), losses


class Translation:
    """The same translations by both."""

    def __init__(self, data, options):
        self.options, self.path = options, data.path("test_2016_flickr", "de")
        self.references = lines(data.path("test_2016_flickr", "en"))
        self.source, self.target = (Vocabulary(pathlib.Path(options.model) / f"{side}.json") for side in ("source", "target"))
        self.network = Translator.load(options.model)
        self.found = {}

    def recur(self):
        """Seconds, and BLEU."""
        options = self.options
        command = [options.recur, "translate", "--model", options.model, "--data", self.path, "--beam", str(options.beam)]
        command += ["--batch", str(LINES), "--threads", str(options.threads), "--device", "cpu"]
        start = time.perf_counter()
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        return time.perf_counter() - start, self.score("recur", output.splitlines())

    def pytorch(self):
        """Seconds, and BLEU."""
        start = time.perf_counter()
        sources = [self.source.encode(line) + [self.source.boundary] for line in lines(self.path)]
        found = translations(self.network, sources, self.options.beam, LINES, self.target.boundary)
        return time.perf_counter() - start, self.score("pytorch", [self.target.decode(tokens) for tokens in found])

    def score(self, name, texts):
        self.found[name] = [words(text) for text in texts]
        return sacrebleu.corpus_bleu(texts, [self.references], lowercase=True, force=True).score

    def same(self):
        return sum(own == peer for own, peer in zip(*self.found.values()))


def rounds(work, count):
    """The results of Recur and of PyTorch, which take turns: a list each."""
    return zip(*[(work.recur(), work.pytorch()) for _ in range(count)])


def compare(own, peer, unit, shown):
    """Prints the median times, and what the last round gave."""
    times = []
    for name, results in (("Recur", own), (f"PyTorch {torch.__version__}", peer)):
        all_times = [result[0] for result in results]
        times.append(statistics.median(all_times))
        spread = f"{digits(min(all_times))}–{digits(max(all_times))}"
        print(f"{name}: {digits(times[-1])} {unit} ({spread}), {shown(results[-1][1])}")
    print(f"PyTorch takes {times[1] / times[0]:.2f} times as long")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recur", default=str(HERE.parent / ".build/release/recur"))
    parser.add_argument("--pairs", type=int, default=9600, help="first pairs to train on; 0: all 29,000")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--model", help="a trained translator, to compare translations")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    data = Multi30k()
    with tempfile.TemporaryDirectory() as folder:
        own, peer = rounds(Training(data, folder, options), options.rounds)
    compare(own, peer, "ms per step", lambda losses: "loss of each epoch " + ", ".join(f"{loss:.4f}" for loss in losses))
    differences = [abs(a / b - 1) for a, b in zip(own[-1][1], peer[-1][1])]
    print(f"the losses differ by at most {max(differences) * 100:.2f} %")
    if options.model:
        work = Translation(data, options)
        own, peer = rounds(work, options.rounds)
        compare(own, peer, "s", lambda score: f"BLEU {score:.2f}")
        print(f"{work.same():,} of {len(work.references):,} translations are the same")


if __name__ == "__main__":
    main()
