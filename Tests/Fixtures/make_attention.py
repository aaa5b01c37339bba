"""Writes PyTorch's numbers for attention and for losses of numbers. See README.md beside this file.

Run: python make_attention.py   (PyTorch 2.13.0, CPU, float64)
"""

import torch
from make_fixtures import rounded, write
from torch import nn
from torch.nn import functional as F

STEPS, QUERIES, ROWS, SIZE, UNITS, HEADS = 5, 3, 4, 6, 7, 2
LENGTHS = [3, 5, 1, 4]


def draw(*shape):
    return torch.randn(*shape).float().double()


class Scores(nn.Module):
    """Dot, general and additive attention by their formulas, batch first as PyTorch's tutorials have them."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        if kind == "general":
            self.projection = nn.Linear(SIZE, SIZE, bias=False)
        if kind == "additive":
            self.query = nn.Linear(SIZE, UNITS, bias=False)
            self.key = nn.Linear(SIZE, UNITS)
            self.score = nn.Linear(UNITS, 1, bias=False)

    def forward(self, queries, states):
        if self.kind == "general":
            states = self.projection(states)
        if self.kind == "additive":
            return self.score(torch.tanh(self.query(queries)[:, :, None] + self.key(states)[:, None])).squeeze(-1)
        scores = queries @ states.transpose(1, 2)
        return scores / SIZE**0.5 if self.kind == "scaled" else scores


def attention(kind):
    """A pass of queries over states [rows, steps, size], of which the steps below the lengths count."""
    torch.manual_seed(11)
    queries, states = draw(QUERIES, ROWS, SIZE).requires_grad_(), draw(STEPS, ROWS, SIZE).requires_grad_()
    outside = torch.arange(STEPS)[None] >= torch.tensor(LENGTHS)[:, None]
    if kind == "heads":
        model = nn.MultiheadAttention(SIZE, HEADS).double()
        nn.init.normal_(model.in_proj_bias)
        nn.init.normal_(model.out_proj.bias)
        # Queries must not see the last step but one.
        hidden = torch.tensor([False, False, False, True, False]).expand(QUERIES, STEPS)
        context, weights = rounded(model)(
            queries, states, states, key_padding_mask=outside, attn_mask=hidden, average_attn_weights=False
        )
    else:
        model = rounded(Scores(kind).double())
        weights = model(queries.transpose(0, 1), states.transpose(0, 1)).masked_fill(outside[:, None], -torch.inf).softmax(-1)
        context = (weights @ states.transpose(0, 1)).transpose(0, 1)
    upstream = draw(*context.shape)
    (context * upstream).sum().backward()
    tensors = {"queries": queries, "states": states, "context": context, "weights": weights, "upstream": upstream}
    tensors |= {"grad.queries": queries.grad, "grad.states": states.grad}
    for name, parameter in model.named_parameters():
        tensors |= {"model." + name: parameter, "grad.model." + name: parameter.grad}
    metadata = {"cell": kind, "layers": 1, "steps": STEPS, "batch": ROWS, "hidden": UNITS, "inputs": SIZE, "lengths": LENGTHS}
    write(f"attention_{kind}", metadata, tensors)


def losses():
    """Losses of numbers, with each reduction, and the gradients of the sum of all."""
    torch.manual_seed(12)
    x, y, variances = draw(ROWS, SIZE).requires_grad_(), draw(ROWS, SIZE), draw(ROWS, SIZE).requires_grad_()
    counts, quantiles = y.abs().round(), torch.tensor([0.125, 0.5, 0.75]).double()
    forecasts = draw(ROWS, SIZE, 3).requires_grad_()
    difference = y[..., None] - forecasts
    pinball = torch.maximum(quantiles * difference, (quantiles - 1) * difference)
    reduce = {"mean": torch.mean, "sum": torch.sum, "none": lambda values: values}
    tensors, total = {"x": x, "y": y, "variances": variances, "counts": counts, "forecasts": forecasts}, 0
    for reduction in ["mean", "sum", "none"]:
        results = {
            "absolute": F.l1_loss(x, y, reduction=reduction),
            "huber": F.huber_loss(x, y, delta=0.75, reduction=reduction),
            # Variances that are negative or small are raised to the least.
            "gaussian": F.gaussian_nll_loss(x, y, variances.abs(), eps=0.5, reduction=reduction),
            "poisson": F.poisson_nll_loss(x, counts, reduction=reduction),
            "rate": F.poisson_nll_loss(x.abs(), counts, log_input=False, reduction=reduction),
            "quantile": reduce[reduction](pinball),
        }
        for name, value in results.items():
            tensors[f"{name}.{reduction}"] = value
            total = total + value.sum()
    total.backward()
    tensors |= {"grad.x": x.grad, "grad.variances": variances.grad, "grad.forecasts": forecasts.grad}
    write("losses", {"cell": "losses", "layers": 1, "steps": 1, "batch": ROWS, "hidden": SIZE}, tensors)


if __name__ == "__main__":
    for kind in ["dot", "scaled", "general", "additive", "heads"]:
        attention(kind)
    losses()
