"""Checks that a model folder is PyTorch's: the same logits from torch.nn and from `recur run`.

Run: python check_folder.py FOLDER [--recur PROGRAM]   (PyTorch, safetensors). Ends with 1 above a difference of 1e-5,
or, where the logits are so large that PyTorch's own rounding exceeds that, of twice its distance from float64.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file
from torch import nn


class Model(nn.Module):
    """What config.json describes; the members have the names of the tensors."""

    def __init__(self, configuration):
        super().__init__()
        wanted = {"task": "language-model", "input": "embedding", "bias": "both"}
        for key, value in wanted.items():
            if configuration[key] != value:
                sys.exit(f"check_folder: {key} is {configuration[key]}, this script knows {value}")
        if configuration.get("gru_convention", "resetAfter") != "resetAfter":
            sys.exit("check_folder: torch.nn.GRU applies the reset gate after the product")
        tokens, features, hidden = (configuration[key] for key in ("vocabulary_size", "embedding", "hidden"))
        make = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}[configuration["cell"]]
        options = {"nonlinearity": configuration["activation"]} if configuration["cell"] == "elman" else {}
        self.embedding = nn.Embedding(tokens, features)
        self.rnn = make(features, hidden, num_layers=configuration["layers"], **options)
        self.head = nn.Linear(hidden, tokens)

    def forward(self, tokens):
        outputs, _ = self.rnn(self.embedding(tokens))
        return self.head(outputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--recur", default="recur", help="the program")
    arguments = parser.parse_args()
    configuration = json.loads((arguments.folder / "config.json").read_text())
    model = Model(configuration)
    model.load_state_dict(load_file(arguments.folder / "model.safetensors"), strict=True)
    torch.manual_seed(1)
    tokens = torch.randint(configuration["vocabulary_size"], (100, 4), dtype=torch.int32)
    with torch.no_grad():
        expected = model(tokens)
        rounding = (expected - model.double()(tokens)).abs().max().item()
    with tempfile.TemporaryDirectory() as scratch:
        source, target = f"{scratch}/in.safetensors", f"{scratch}/out.safetensors"
        save_file({"tokens": tokens}, source)
        command = [arguments.recur, "run", "--model", str(arguments.folder), "--input", source, "--output", target]
        subprocess.run(command, check=True)
        actual = load_file(target)["logits"]
    difference = (actual - expected).abs().max().item()
    print(f"{arguments.folder}: logits {list(actual.shape)} up to {expected.abs().max().item():.3g}, "
          f"largest difference {difference:.3g}; PyTorch is {rounding:.3g} from float64")
    # Written so that NaN fails.
    sys.exit(0 if difference <= max(1e-5, 2 * rounding) else 1)


if __name__ == "__main__":
    main()
