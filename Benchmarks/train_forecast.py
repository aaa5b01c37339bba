#!/usr/bin/env python3
"""Trains a forecaster of ETTh1 with `recur train forecast` and with PyTorch: seconds of training, test MSE and MAE.

    RECUR_DATA_DIR=DATA VENV/bin/python Benchmarks/train_forecast.py [--window 96] [--horizon 96] [--seed 0] [--threads 2]

Both train the same network on the same windows: seven channels standardized by the first 8,640 rows, L1, Adam, the
averaged parameters of the last step; every window of the 2,880 test rows counts. PyTorch runs as installed, with its own
GRU. Recur comes first, then PyTorch.
"""
import argparse
import csv
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
from torch_forecast import LAST_VALUE, Forecaster, errors, train  # noqa: E402

TRAINING, VALIDATION, TEST = 8640, 2880, 2880


def recur(path, options):
    """Seconds of training, test MSE and MAE."""
    with tempfile.TemporaryDirectory() as folder:
        command = [options.recur, "train", "forecast", "--data", path, "--model", f"{folder}/model", "--device", "cpu", "--json"]
        command += ["--split", f"{TRAINING},{VALIDATION},{TEST}", "--threads", str(options.threads), "--seed", str(options.seed)]
        for name in ("window", "horizon", "segment", "hidden", "batch", "epochs", "learning-rate", "dropout", "average"):
            command += [f"--{name}", str(getattr(options, name.replace("-", "_")))]
        if options.season:
            command += ["--season", str(options.season)]
        epochs = [event for event in events(command) if event["event"] == "epoch"]
        metrics = events([options.recur, "evaluate", "--model", f"{folder}/model", "--data", path, "--json"])[-1]
    return sum(epoch["seconds"] for epoch in epochs), metrics["mse"], metrics["mae"]


def events(command):
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return list(map(json.loads, output.splitlines()))


def pytorch(path, options):
    """Seconds of training, test MSE and MAE."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    series = standardized(path)
    length = options.window + options.horizon
    windows = series.unfold(1, length, 1).transpose(0, 1)  # [origins, channels, window + horizon], a view
    lags = (LAST_VALUE, options.season) if options.season else ()
    model = Forecaster(options.window, options.horizon, options.segment, options.hidden, len(series), options.dropout, lags)
    start = time.perf_counter()
    model = train(model, windows[: TRAINING - length + 1], options)
    seconds = time.perf_counter() - start
    first = TRAINING + VALIDATION - options.window
    return seconds, *errors(model, windows[first : first + TEST - options.horizon + 1])


def standardized(path):
    """The channels `[C, rows]` with mean 0 and deviation 1 over the training rows."""
    with open(path, newline="") as file:
        rows = [list(map(float, row[1:])) for row in list(csv.reader(file))[1:]]
    values = torch.tensor(rows, dtype=torch.float64).T
    training = values[:, :TRAINING]
    return ((values - training.mean(1, True)) / training.std(1, correction=0, keepdim=True)).float().contiguous()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recur", default=str(HERE.parent / ".build/release/recur"), help="empty: PyTorch alone")
    parser.add_argument("--window", type=int, default=96)
    parser.add_argument("--horizon", type=int, default=96)
    parser.add_argument("--segment", type=int, default=48)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32, help="windows of a batch, each with all channels")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--average", type=float, default=0.998, help="decay of the moving average of the parameters")
    parser.add_argument("--season", type=int, default=0, help="a gate adds the last value and this season; 0: none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    path = os.path.join(os.environ.get("RECUR_DATA_DIR", ""), "ett", "ETTh1.csv")
    if not os.path.isfile(path):
        sys.exit(f"train_forecast.py: there is no {path}; set RECUR_DATA_DIR")
    own = recur(path, options) if options.recur else None
    peer = pytorch(path, options)
    if own:
        print("Recur {:.1f} s, test MSE {:.4f}, MAE {:.4f}".format(*own))
    print("PyTorch {} {:.1f} s, test MSE {:.4f}, MAE {:.4f}".format(torch.__version__, *peer))
    if own:
        print(f"Recur takes {own[0] / peer[0] * 100:.0f} % of its time")


if __name__ == "__main__":
    main()
