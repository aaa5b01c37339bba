"""Writes random graphs of tensor operations with PyTorch's results and gradients. See README.md beside this file.

Run: python make_random_graphs.py [COUNT [SEED [FILE]]]   (PyTorch 2.13.0, CPU, float64)

Without arguments it writes random_graphs.json, which `make test` reads. For many more:
python make_random_graphs.py 5000 7 /tmp/graphs.json && RECUR_RANDOM_GRAPHS=/tmp/graphs.json swift test --filter RandomGraphTests
"""

import json
import pathlib
import random
import sys

import torch

SIZE = 120  # elements of a tensor at most
LIMIT = 20  # no element of a graph is larger
MARGIN = 1e-3  # nor closer to where a function jumps or bends: float32 may be on the other side


class Graph:
    def __init__(self, seed):
        self.random = random.Random(seed)
        torch.manual_seed(seed)
        self.inputs, self.tensors, self.steps, self.used = [], [], [], set()
        shape = [self.random.choice([1, 2, 3, 5]) for _ in range(self.random.randint(1, 4))]
        self.input(shape)
        while len(self.steps) < 8:
            self.step()

    def input(self, shape):
        # What float32 holds exactly.
        x = torch.randn(shape).double().requires_grad_()
        self.inputs.append(x)
        self.tensors.append(x)
        self.steps.append({"op": "input", "of": [], "numbers": [], "integers": list(shape), "flag": False})
        return len(self.tensors) - 1

    def partner(self, shape):
        """A tensor that broadcasts with a shape: one that is there, or a new one."""
        for index in self.random.sample(range(len(self.tensors)), len(self.tensors)):
            try:
                total = torch.broadcast_shapes(self.tensors[index].shape, shape)
            except RuntimeError:
                continue
            if torch.Size(total).numel() <= SIZE and self.random.random() < 0.5:
                return index
        own = [1 if self.random.random() < 0.4 else n for n in shape]
        return self.input(own[self.random.randint(0, len(own)) :])

    def step(self):
        r = self.random
        index = r.choice(range(max(0, len(self.tensors) - 3), len(self.tensors)))
        x = self.tensors[index]
        n, of, numbers, integers, flag = x.dim(), [index], [], [], r.random() < 0.5
        op = r.choice(OPERATIONS)
        try:
            if op in BINARY:
                of.append(self.partner(x.shape))
            elif op in NUMBERS:
                numbers = [round(r.uniform(0.5, 2) * 64) / 64]  # what float32 holds exactly
            elif op == "clamp":
                numbers = [-0.75, 0.5]
            elif op == "where":
                of += [self.partner(x.shape), self.partner(x.shape)]
            elif op == "masked softmax":
                of.append(self.partner(x.shape))
            elif op == "masked":
                of.append(self.partner(x.shape))
                numbers = [0.25]
            elif op in ("sum", "mean", "max"):
                integers = r.sample(range(-n, 0), r.randint(1, n))
            elif op in ("cumsum", "softmax", "log_softmax", "logsumexp", "argmax"):
                integers = [r.randrange(-n, n)]
            elif op == "permute":
                integers = r.sample(range(n), n)
            elif op == "slice":
                axis = r.randrange(n)
                start = r.randrange(x.shape[axis])
                integers = [axis, start, r.randint(start + 1, x.shape[axis])]
            elif op == "cat":
                axis = r.randrange(-n, n)
                integers = [axis]
                of.append(self.input([r.randint(1, 3) if i == axis % n else k for i, k in enumerate(x.shape)]))
            elif op == "rows":
                integers = [r.randrange(x.shape[0]) for _ in range(r.randint(1, 4))]
            elif op == "matmul":
                of.append(self.input([x.shape[-1], r.randint(1, 3)]))
            elif op == "huber":
                of.append(self.input(list(x.shape)))
            elif op == "expand":
                integers = [2] + [3 if k == 1 else k for k in x.shape]
            y = OPERATION[op]([self.tensors[i] for i in of], numbers, integers, flag)
        except (Reject, RuntimeError, IndexError, ValueError):
            return
        if y.numel() == 0 or y.numel() > SIZE or not torch.isfinite(y).all() or y.abs().max() > LIMIT:
            return
        self.used.update(of)
        self.tensors.append(y)
        self.steps.append({"op": op, "of": of, "numbers": numbers, "integers": integers, "flag": flag})

    def entry(self):
        # The first input, too: what is made of comparisons alone has no gradient.
        ends = [i for i in range(len(self.tensors)) if i == 0 or i not in self.used]
        loss = sum((self.tensors[i] * weights(self.tensors[i])).sum() for i in ends)
        for x in self.tensors:
            x.retain_grad() if x.requires_grad else None
        loss.backward()
        zero = lambda x: x.grad if x.grad is not None else torch.zeros_like(x)
        return {
            "steps": self.steps,
            "inputs": [numbers(x) for x in self.inputs],
            "ends": ends,
            "results": [numbers(self.tensors[i]) for i in ends],
            "shapes": [list(self.tensors[i].shape) for i in ends],
            "gradients": [numbers(zero(x)) for x in self.inputs],
        }


class Reject(Exception):
    pass


def weights(y):
    """Fixed weights, so that every element's gradient counts."""
    return torch.tensor([((i * 7) % 11 - 5) / 4 for i in range(y.numel())]).double().reshape(y.shape)


def numbers(x):
    return [float(f"{v:.9g}") for v in x.detach().flatten().tolist()]


def apart(*values):
    for value in values:
        if (value.abs() < MARGIN).any():
            raise Reject
    return True


def largest(x, axes, keeps):
    axes = [a % x.dim() for a in axes]
    rest = [a for a in range(x.dim()) if a not in axes]
    flat = x.permute(rest + axes).reshape([x.shape[a] for a in rest] + [-1])
    if flat.shape[-1] > 1:
        top = flat.topk(2, dim=-1).values
        apart(top[..., 0] - top[..., 1])
    return x.amax(axes, keepdim=keeps)


def reject():
    raise Reject


def masked_softmax(x, mask):
    """Over the elements whose mask is positive; 0 in rows that have none."""
    kept = (mask > 0).expand(x.shape)
    return torch.where(kept.any(-1, keepdim=True), x.masked_fill(~kept, -1e9).softmax(-1), 0) * kept


def checked(function, *margins):
    return lambda t, n, i, f: apart(*[m(t, n) for m in margins]) and function(t, n, i, f)


difference = lambda t, n: t[0] - t[1]
value = lambda t, n: t[0]
BINARY = {
    "add": lambda t, n, i, f: t[0] + t[1],
    "subtract": lambda t, n, i, f: t[0] - t[1],
    "multiply": lambda t, n, i, f: t[0] * t[1],
    "divide": lambda t, n, i, f: t[0] / (t[1] * t[1] + 0.5),
    "maximum": checked(lambda t, n, i, f: torch.maximum(t[0], t[1]), difference),
    "minimum": checked(lambda t, n, i, f: torch.minimum(t[0], t[1]), difference),
    "less": checked(lambda t, n, i, f: (t[0] < t[1]).double(), difference),
}
NUMBERS = {
    "add number": lambda t, n, i, f: t[0] + n[0] if f else n[0] + t[0],
    "subtract number": lambda t, n, i, f: t[0] - n[0] if f else n[0] - t[0],
    "multiply number": lambda t, n, i, f: t[0] * n[0] if f else n[0] * t[0],
    "divide number": checked(lambda t, n, i, f: t[0] / n[0] if f else n[0] / (t[0].abs() + 0.5), value),
    "maximum number": checked(lambda t, n, i, f: t[0].clamp(min=n[0]), lambda t, n: t[0] - n[0]),
}
OPERATION = BINARY | NUMBERS | {
    "negate": lambda t, n, i, f: -t[0],
    "exp": lambda t, n, i, f: t[0].exp(),
    "log": checked(lambda t, n, i, f: (t[0].abs() + 0.25).log(), value),
    "sqrt": checked(lambda t, n, i, f: (t[0].abs() + 0.25).sqrt(), value),
    "abs": checked(lambda t, n, i, f: t[0].abs(), value),
    "softplus": lambda t, n, i, f: torch.nn.functional.softplus(t[0]),
    "lgamma": checked(lambda t, n, i, f: (t[0].abs() + 0.25).lgamma(), value),
    "tanh": lambda t, n, i, f: t[0].tanh(),
    "clamp": checked(
        lambda t, n, i, f: t[0].clamp(n[0], n[1]), lambda t, n: t[0] - n[0], lambda t, n: t[0] - n[1]
    ),
    "where": checked(lambda t, n, i, f: torch.where(t[0] > 0, t[1], t[2]), value),
    "masked": checked(lambda t, n, i, f: t[0].masked_fill(t[1] > 0, n[0]) if torch.broadcast_shapes(
        t[0].shape, t[1].shape) == t[0].shape else torch.where(t[1] > 0, torch.tensor(n[0]).double(), t[0]),
        lambda t, n: t[1]),
    "sum": lambda t, n, i, f: t[0].sum(i, keepdim=f),
    "mean": lambda t, n, i, f: t[0].mean(i, keepdim=f),
    "max": lambda t, n, i, f: largest(t[0], i, f),
    "argmax": lambda t, n, i, f: largest(t[0], i, f) * 0 + t[0].argmax(i[0], keepdim=f).double(),
    "cumsum": lambda t, n, i, f: t[0].cumsum(i[0]),
    "log_softmax": lambda t, n, i, f: t[0].log_softmax(i[0]),
    "softmax": lambda t, n, i, f: t[0].softmax(i[0]),
    "masked softmax": checked(lambda t, n, i, f: masked_softmax(*t), lambda t, n: t[1]),
    "logsumexp": lambda t, n, i, f: t[0].logsumexp(i[0], keepdim=f),
    "rows": lambda t, n, i, f: t[0][i] if t[0].dim() > 1 else reject(),
    "matmul": lambda t, n, i, f: t[0] @ t[1],
    "huber": checked(
        lambda t, n, i, f: torch.nn.functional.huber_loss(t[0], t[1].detach(), reduction="none", delta=0.75),
        lambda t, n: (t[0] - t[1]).abs() - 0.75,
    ),
    "permute": lambda t, n, i, f: t[0].permute(i),
    "slice": lambda t, n, i, f: t[0].narrow(i[0], i[1], i[2] - i[1]),
    "cat": lambda t, n, i, f: torch.cat(t, i[0]),
    "expand": lambda t, n, i, f: t[0].expand(i),
}
OPERATIONS = list(OPERATION)


def main():
    arguments = sys.argv[1:] + [None] * 3
    count, seed = int(arguments[0] or 40), int(arguments[1] or 1)
    target = pathlib.Path(arguments[2] or pathlib.Path(__file__).parent / "random_graphs.json")
    graphs = [Graph(seed * 1_000_003 + i).entry() for i in range(count)]
    target.write_text(json.dumps(graphs, separators=(",", ":")) + "\n")
    used = {s["op"] for g in graphs for s in g["steps"]}
    print(f"{count} graphs; operations that none has: {sorted(set(OPERATIONS) - used)}")


main()
