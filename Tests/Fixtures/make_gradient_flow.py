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


def main():
    torch.set_num_threads(1)
    for kind in KINDS:
        flow(kind)


if __name__ == "__main__":
    main()
