"""Writes PyTorch's gradients of the states between time steps. See README.md beside this file.

Run: python make_gradient_flow.py   (PyTorch 2.13.0, CPU, float64)
"""

import torch
from make_fixtures import KINDS, rounded, write
from torch import nn

STEPS, BATCH, INPUTS, HIDDEN, LAYERS = 6, 4, 3, 5, 2
LENGTHS = torch.tensor([3, 6, 1, 5])
CELLS = {
    "lstm": nn.LSTMCell,
    "gru": nn.GRUCell,
    "elman_tanh": lambda inputs, hidden: nn.RNNCell(inputs, hidden, nonlinearity="tanh"),
    "elman_relu": lambda inputs, hidden: nn.RNNCell(inputs, hidden, nonlinearity="relu"),
}


def one_direction(kind, rnn, suffix, x, is_reversed):
    """Steps a cell with a layer's weights through time: outputs [T, N, H], the states that it computed, the final one."""
    cell = CELLS[kind](x.shape[2], HIDDEN).double()
    cell.weight_ih, cell.weight_hh = getattr(rnn, "weight_ih" + suffix), getattr(rnn, "weight_hh" + suffix)
    cell.bias_ih, cell.bias_hh = getattr(rnn, "bias_ih" + suffix), getattr(rnn, "bias_hh" + suffix)
    h = c = torch.zeros(BATCH, HIDDEN, dtype=torch.float64)
    outputs, states = [None] * STEPS, [None] * STEPS
    for step in reversed(range(STEPS)) if is_reversed else range(STEPS):
        inside = (step < LENGTHS)[:, None]
        if kind == "lstm":
            new, cell_state = cell(x[step], (h, c))
            c = torch.where(inside, cell_state, c)
        else:
            new = cell(x[step], h)
        new.retain_grad()
        h = torch.where(inside, new, h)
        states[step], outputs[step] = new, new * inside
    return torch.stack(outputs), states, h


def flow(kind):
    torch.manual_seed(6)
    rnn = rounded(KINDS[kind](INPUTS, HIDDEN, num_layers=LAYERS, bidirectional=True).double())
    x = torch.randn(STEPS, BATCH, INPUTS).double().requires_grad_()
    sequence, states, finals = x, [], []
    for layer in range(LAYERS):
        runs = [one_direction(kind, rnn, f"_l{layer}" + mark, sequence, mark != "") for mark in ("", "_reverse")]
        sequence = torch.cat([outputs for outputs, _, _ in runs], dim=2)
        states += [run for _, run, _ in runs]
        finals += [final for _, _, final in runs]
    y, hn = sequence, torch.stack(finals)
    dy, dhn = torch.randn(*y.shape).double(), torch.randn(*hn.shape).double()
    ((y * dy).sum() + (hn * dhn).sum()).backward()
    tensors = {f"rnn.{name}": value for name, value in rnn.named_parameters()}
    tensors |= {"x": x, "y": y, "hn": hn, "dy": dy, "dhn": dhn, "grad.x": x.grad}
    tensors["dh"] = torch.stack([torch.stack([state.grad for state in run]) for run in states])
    metadata = {
        "cell": kind, "layers": LAYERS, "bidirectional": True, "steps": STEPS, "batch": BATCH, "inputs": INPUTS,
        "hidden": HIDDEN, "lengths": LENGTHS.tolist(),
    }
    write(f"gradient_flow_{kind}", metadata, tensors)


def language_model(words=7):
    """An Elman language model: the gradient, at each step's state, of the cross-entropy at each row's last step."""
    torch.manual_seed(7)
    embedding, head = rounded(nn.Embedding(words, INPUTS).double()), rounded(nn.Linear(HIDDEN, words).double())
    rnn = rounded(KINDS["elman_tanh"](INPUTS, HIDDEN).double())
    tokens, targets = torch.randint(words, (STEPS, BATCH)), torch.randint(words, (STEPS, BATCH))
    outputs, states, _ = one_direction("elman_tanh", rnn, "_l0", embedding(tokens), False)
    last = torch.arange(BATCH)
    nn.functional.cross_entropy(head(outputs)[LENGTHS - 1, last], targets[LENGTHS - 1, last]).backward()
    parts = {"embedding": embedding, "rnn": rnn, "head": head}
    tensors = {f"{part}.{name}": value for part, of in parts.items() for name, value in of.named_parameters()}
    tensors |= {"tokens": tokens, "targets": targets, "dh": torch.stack([state.grad for state in states])}
    metadata = {
        "cell": "elman_tanh", "layers": 1, "steps": STEPS, "batch": BATCH, "inputs": INPUTS, "hidden": HIDDEN,
        "vocabulary": words, "lengths": LENGTHS.tolist(),
    }
    write("gradient_flow_language_model", metadata, tensors)


def main():
    torch.set_num_threads(1)
    language_model()
    for kind in KINDS:
        flow(kind)


if __name__ == "__main__":
    main()
