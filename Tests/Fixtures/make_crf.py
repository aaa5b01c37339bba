"""Writes PyTorch's numbers for a linear-chain CRF. See README.md beside this file.

Run: python make_crf.py   (PyTorch 2.13.0, CPU, float64)

The likelihood is taken by its definition, over every sequence of tags that there is.
"""

import itertools

import torch
from make_fixtures import rounded, write
from torch import nn

STEPS, TAGS, LENGTHS = 6, 4, [3, 6, 0, 1, 5]


class CRF(nn.Module):
    """pytorch-crf's parameters."""

    def __init__(self):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.randn(TAGS).double())
        self.end_transitions = nn.Parameter(torch.randn(TAGS).double())
        self.transitions = nn.Parameter(torch.randn(TAGS, TAGS).double())

    def scores(self, emissions, paths):
        """The scores of paths [P, L] with emissions [L, K]: [P]."""
        steps = torch.arange(paths.shape[1])
        pairs = self.transitions[paths[:, :-1], paths[:, 1:]].sum(dim=1)
        edges = self.start_transitions[paths[:, 0]] + self.end_transitions[paths[:, -1]]
        return edges + pairs + emissions[steps, paths].sum(dim=1)


def main():
    torch.manual_seed(6)
    crf = rounded(CRF())
    emissions = torch.randn(STEPS, len(LENGTHS), TAGS).double().requires_grad_()
    inside = torch.arange(STEPS)[:, None] < torch.tensor(LENGTHS)
    tags = torch.where(inside, torch.randint(TAGS, inside.shape), -1)
    best = torch.full((STEPS, len(LENGTHS)), -1)
    losses = []
    for row, length in enumerate(LENGTHS):
        if length == 0:
            continue
        paths = torch.tensor(list(itertools.product(range(TAGS), repeat=length)))
        scores = crf.scores(emissions[:length, row], paths)
        losses.append(scores.logsumexp(0) - crf.scores(emissions[:length, row], tags[None, :length, row])[0])
        best[:length, row] = paths[scores.argmax()]
    loss = torch.stack(losses).mean()
    loss.backward()
    tensors = {f"model.{name}": parameter for name, parameter in crf.named_parameters()}
    tensors |= {f"grad.{name}": parameter.grad for name, parameter in crf.named_parameters()}
    tensors |= {
        "emissions": emissions, "grad.emissions": emissions.grad, "tags": tags, "best": best, "loss": loss.reshape(1),
    }
    metadata = {
        "cell": "crf", "layers": 0, "steps": STEPS, "batch": len(LENGTHS), "hidden": TAGS, "lengths": LENGTHS,
    }
    write("crf", metadata, tensors)


if __name__ == "__main__":
    main()
