#!/usr/bin/env python3
"""Trains the character model on tiny Shakespeare with `recur train text` and with PyTorch: time and validation loss.

    RECUR_DATA_DIR=DATA VENV/bin/python Benchmarks/train_text.py [--epochs 10] [--seed 0] [--threads 2]

Both train on the first 90 %, 50 streams × 50 steps with the state carried, Adam 2e-3, clip 5, and read the rest in
the same rows. PyTorch runs as installed. Recur comes first, then PyTorch.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

import torch  # noqa: E402
from torch_peer import ROWS, STEPS, VOCABULARY, CharacterModel, characters, streams, train_characters  # noqa: E402


def recur(path, options):
    """Seconds of training and the last validation loss."""
    with tempfile.TemporaryDirectory() as folder:
        command = [options.recur, "train", "text", "--data", path, "--model", f"{folder}/model", "--device", "cpu", "--json"]
        command += ["--epochs", str(options.epochs), "--seed", str(options.seed), "--threads", str(options.threads)]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    epochs = [event for event in map(json.loads, output.splitlines()) if event["event"] == "epoch"]
    return sum(epoch["seconds"] for epoch in epochs), epochs[-1]["validation_loss"]


def pytorch(path, options):
    """Seconds of training and the last validation loss."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokens = characters(path)
    split = int(len(tokens) * 0.9)
    model = CharacterModel(128)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    start = time.perf_counter()
    for _ in range(options.epochs):
        state = None
        for inputs, targets in streams(tokens[:split]):
            state = train_characters(model, optimizer, inputs, targets, state)
    seconds = time.perf_counter() - start
    return seconds, validation_loss(model, tokens[split:])


@torch.inference_mode()
def validation_loss(model, tokens):
    """The mean over tokens, read as Recur reads them: in rows of 200 sequences or more, which begin knowing nothing."""
    rows = max(1, min(ROWS, (len(tokens) - 1) // (200 * STEPS)))
    total, count, state = 0, 0, None
    for inputs, targets in streams(tokens, rows, keeps_remainder=True):
        logits, state = model(inputs, state)
        total += torch.nn.functional.cross_entropy(logits.view(-1, VOCABULARY), targets, reduction="sum").item()
        count += len(targets)
    return total / count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recur", default=str(HERE.parent / ".build/release/recur"))
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    path = os.path.join(os.environ.get("RECUR_DATA_DIR", ""), "tinyshakespeare", "input.txt")
    if not os.path.isfile(path):
        sys.exit(f"train_text.py: there is no {path}; set RECUR_DATA_DIR")
    (own, own_loss), (peer, peer_loss) = recur(path, options), pytorch(path, options)
    print(f"{options.epochs} epochs: Recur {own:.1f} s, validation loss {own_loss:.4f}")
    print(f"PyTorch {torch.__version__} {peer:.1f} s, {peer_loss:.4f}: Recur takes {own / peer * 100:.0f} % of its time")


if __name__ == "__main__":
    main()
