#!/usr/bin/env python3
"""Times `recur bench` and PyTorch beside each other, in alternation, and prints the ratios.

    python3 -m venv VENV && VENV/bin/pip install torch==2.13.0+cpu
    VENV/bin/python Benchmarks/compare.py [--recur PATH] [--devices cpu,opencl:0:0] [--only lstm] [--rounds 5]

Each round runs every contender once, in turn, so that a machine whose speed drifts is fair to all; a figure is the
median over the rounds. PyTorch is taken at its best of 1 and 2 threads.
"""
import argparse
import json
import re
import statistics
import subprocess
import sys
import time

import torch

FAMILIES = ["elman", "lstm", "gru", "character"]
VOCABULARY, EMBEDDING, ROWS, STEPS = 65, 128, 50, 50


class CharacterModel(torch.nn.Module):
    """What `characterModel` in Benchmarks/CharacterModel.swift is: embedding, two LSTM layers, head."""

    def __init__(self, hidden):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCABULARY, EMBEDDING)
        self.rnn = torch.nn.LSTM(EMBEDDING, hidden, 2)
        self.head = torch.nn.Linear(hidden, VOCABULARY)

    def forward(self, tokens, state):
        outputs, state = self.rnn(self.embedding(tokens), state)
        return self.head(outputs), state


def character_step(name):
    """One training step: forward, backward, clip, Adam, the state carried on."""
    model = CharacterModel(int(re.search(r"H(\d+)", name)[1]))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    tokens = torch.randint(VOCABULARY, (STEPS, ROWS))
    targets = torch.randint(VOCABULARY, (STEPS * ROWS,))
    carried = None

    def step():
        nonlocal carried
        optimizer.zero_grad()
        logits, state = model(tokens, carried)
        torch.nn.functional.cross_entropy(logits.view(-1, VOCABULARY), targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
        carried = tuple(part.detach() for part in state)

    return step


def cell_step(name, part):
    """A cell's forward pass, or forward and backward with the gradient of the input too."""
    kind = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[name.split()[0]]
    size = {key: int(value) for key, value in re.findall(r"([TBIHL])(\d+)", name)}
    rnn = kind(size["I"], size["H"], size.get("L", 1))
    x = torch.randn(size["T"], size["B"], size["I"], requires_grad=part == "training")
    upstream = torch.randn(size["T"], size["B"], size["H"])

    def forward():
        with torch.no_grad():
            rnn(x)

    def training():
        rnn.zero_grad()
        x.grad = None
        rnn(x)[0].backward(upstream)

    return forward if part == "forward" else training


def torch_milliseconds(step, seconds=0.15):
    """The fastest mean time of a step over 1 and 2 threads."""
    best = float("inf")
    for threads in (1, 2):
        torch.set_num_threads(threads)
        step()
        count, start = 0, time.perf_counter()
        while count < 2 or time.perf_counter() - start < seconds:
            step()
            count += 1
        best = min(best, (time.perf_counter() - start) / count * 1e3)
    return best


def recur_measurements(recur, device, only):
    """{(name, part): measurement} of one run of `recur bench`."""
    command = [recur, "bench", "--json", "--device", device, "--rounds", "1", "--only", ",".join(only)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    measurements = [json.loads(line) for line in output.splitlines()]
    return {(m["name"], m["part"]): m for m in measurements}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recur", default=".build/release/recur")
    parser.add_argument("--devices", default="cpu,opencl:0:0")
    parser.add_argument("--only", default=",".join(FAMILIES), help="families: " + ", ".join(FAMILIES))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    only, devices = arguments.only.split(","), arguments.devices.split(",")
    if unknown := set(only) - set(FAMILIES):
        sys.exit(f"compare.py: no family {', '.join(unknown)}; there are {', '.join(FAMILIES)}")

    ours, theirs, steps = {}, {}, {}
    for _ in range(arguments.rounds):
        for device in devices:
            for key, measurement in recur_measurements(arguments.recur, device, only).items():
                ours.setdefault((device, *key), []).append(measurement["milliseconds"])
                name, part = key
                if key not in steps:
                    steps[key] = character_step(name) if name.startswith("character") else cell_step(name, part)
        for key, step in steps.items():
            theirs.setdefault(key, []).append(torch_milliseconds(step))

    print(f"PyTorch {torch.__version__}; medians of {arguments.rounds} rounds, ms; ratio = PyTorch / Recur")
    print(f"{'work':36}{'part':10}{'PyTorch':>10}" + "".join(f"{device:>16}{'ratio':>8}" for device in devices))
    for key, times in theirs.items():
        name, part = key
        peer = statistics.median(times)
        line = f"{name:36}{part:10}{peer:10.3f}"
        for device in devices:
            own = statistics.median(ours[(device, *key)])
            line += f"{own:16.3f}{peer / own:8.2f}"
        print(line)


if __name__ == "__main__":
    main()
