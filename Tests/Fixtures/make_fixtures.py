"""Writes the PyTorch numbers that the tests compare with. See README.md beside this file.

Run: python make_fixtures.py   (PyTorch 2.13.0, CPU, float64 unless noted)
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HERE = pathlib.Path(__file__).parent
KINDS = {
    "lstm": lambda *size, **options: nn.LSTM(*size, **options),
    "gru": lambda *size, **options: nn.GRU(*size, **options),
    "elman_tanh": lambda *size, **options: nn.RNN(*size, nonlinearity="tanh", **options),
    "elman_relu": lambda *size, **options: nn.RNN(*size, nonlinearity="relu", **options),
}


def entry(tensor):
    """A tensor as {"shape", "values"}, nine significant digits: enough for every float32."""
    return {
        "shape": list(tensor.shape),
        "values": [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()],
    }


def write(name, metadata, tensors):
    content = {"torch": torch.__version__, **metadata, "tensors": {key: entry(value) for key, value in tensors.items()}}
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


def rounded(module):
    """Parameters that float32 holds exactly, so that both sides start from the same numbers."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.float().to(parameter.dtype))
    return module


def recurrent(kind, layers, bidirectional, has_lengths):
    """One pass of a whole module, forward and backward."""
    steps, batch, inputs, hidden = 6, 4, 3, 5
    torch.manual_seed(100 * layers + 10 * bidirectional + has_lengths)
    rnn = rounded(KINDS[kind](inputs, hidden, num_layers=layers, bidirectional=bidirectional).double())
    draw = lambda *shape: torch.randn(*shape).double()
    directions = 2 if bidirectional else 1
    x = draw(steps, batch, inputs).requires_grad_()
    h0 = draw(layers * directions, batch, hidden).requires_grad_()
    c0 = draw(layers * directions, batch, hidden).requires_grad_()
    state = (h0, c0) if kind == "lstm" else h0
    lengths = torch.tensor([3, 6, 1, 5]) if has_lengths else None

    if has_lengths:
        packed, final = rnn(pack_padded_sequence(x, lengths, enforce_sorted=False), state)
        y, _ = pad_packed_sequence(packed, total_length=steps)
    else:
        y, final = rnn(x, state)
    hn, cn = final if kind == "lstm" else (final, None)

    # The gradients that come in. Past a row's end the output is 0 whatever comes, so its gradient is ignored.
    dy, dhn, dcn = draw(*y.shape), draw(*hn.shape), draw(*hn.shape)
    objective = (y * dy).sum() + (hn * dhn).sum()
    if kind == "lstm":
        objective = objective + (cn * dcn).sum()
    objective.backward()

    tensors = {f"rnn.{name}": value for name, value in rnn.named_parameters()}
    tensors |= {"x": x, "h0": h0, "y": y, "hn": hn, "dy": dy, "dhn": dhn}
    if kind == "lstm":
        tensors |= {"c0": c0, "cn": cn, "dcn": dcn}
    gradients = [("x", x), ("h0", h0)] + ([("c0", c0)] if kind == "lstm" else [])
    tensors |= {f"grad.{name}": value.grad for name, value in gradients}
    tensors |= {f"grad.rnn.{name}": value.grad for name, value in rnn.named_parameters()}
    metadata = {
        "cell": kind, "layers": layers, "bidirectional": bidirectional, "steps": steps, "batch": batch,
        "inputs": inputs, "hidden": hidden,
    }
    if has_lengths:
        metadata["lengths"] = lengths.tolist()
    write(f"{kind}_l{layers}" + ("_bidirectional" if bidirectional else "") + ("_lengths" if has_lengths else ""),
          metadata, tensors)


class CharacterModel(nn.Module):
    """Embedding → two recurrent layers → Linear, over time-first tokens."""

    def __init__(self, kind, vocabulary, embedding, hidden, sparse):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding, sparse=sparse)
        self.rnn = KINDS[kind](embedding, hidden, num_layers=2)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, tokens, state):
        y, state = self.rnn(self.embedding(tokens), state)
        return self.head(y), state


def clip(gradients, maximum):
    """What clip_grad_norm_ does, which takes no sparse gradients."""
    norm = torch.stack([(g * g).sum() for g in gradients]).sum().sqrt()
    for gradient in gradients:
        gradient *= torch.clamp(maximum / (norm + 1e-6), max=1)
    return norm


def ten_steps(kind, sparse=False):
    """Ten steps of Adam in float32, the state carried from batch to batch and cut from the graph. Of a sparse embedding,
    SparseAdam, and a norm to clip by that is smaller than most."""
    vocabulary, embedding, hidden, steps, batch = 60 if sparse else 13, 6, 8, 7, 4
    clip_norm = 0.1 if sparse else 5.0
    torch.manual_seed(7)
    model = CharacterModel(kind, vocabulary, embedding, hidden, sparse)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    table = [model.embedding.weight] if sparse else []
    others = [parameter for parameter in model.parameters() if all(parameter is not weight for weight in table)]
    optimizers = [torch.optim.Adam(others, lr=2e-3)] + [torch.optim.SparseAdam([weight], lr=2e-3) for weight in table]
    inputs = torch.randint(vocabulary, (10, steps, batch))
    targets = torch.randint(vocabulary, (10, steps, batch))
    state, losses, norms = None, [], []
    for tokens, wanted in zip(inputs, targets):
        logits, state = model(tokens, state)
        state = tuple(part.detach() for part in state) if kind == "lstm" else state.detach()
        loss = nn.functional.cross_entropy(logits.reshape(-1, vocabulary), wanted.reshape(-1))
        model.zero_grad()
        loss.backward()
        for weight in table:
            weight.grad = weight.grad.coalesce()
        if sparse:
            norms.append(clip([p.grad.values() if p.grad.is_sparse else p.grad for p in model.parameters()], clip_norm))
        else:
            norms.append(nn.utils.clip_grad_norm_(model.parameters(), clip_norm).detach())
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.detach())
    tensors = {f"before.{name}": value for name, value in before.items()}
    tensors |= {f"after.{name}": value for name, value in model.named_parameters()}
    tensors |= {"inputs": inputs, "targets": targets, "losses": torch.stack(losses), "norms": torch.stack(norms)}
    metadata = {
        "cell": kind, "layers": 2, "vocabulary": vocabulary, "embedding": embedding, "hidden": hidden, "steps": steps,
        "batch": batch, "learningRate": 2e-3, "clipNorm": clip_norm,
    }
    write(f"ten_steps_{kind}" + ("_sparse" if sparse else ""), metadata, tensors)


def folder(kind, layers):
    """A model folder with PyTorch's own weights, and what PyTorch computes with them from a given state."""
    torch.manual_seed(9)
    vocabulary, embedding, hidden, steps, batch = 11, 6, 8, 12, 3
    model = nn.ModuleDict(
        {
            "embedding": nn.Embedding(vocabulary, embedding),
            "rnn": KINDS[kind](embedding, hidden, num_layers=layers),
            "head": nn.Linear(hidden, vocabulary),
        }
    )
    tokens = torch.randint(vocabulary, (steps, batch))
    h0 = torch.randn(layers, batch, hidden)
    c0 = torch.randn(layers, batch, hidden)
    with torch.no_grad():
        outputs, state = model["rnn"](model["embedding"](tokens), (h0, c0) if kind == "lstm" else h0)
        logits = model["head"](outputs)
    hn, *cn = state if kind == "lstm" else (state,)
    place = HERE / f"folder_{kind}"
    place.mkdir(exist_ok=True)
    save_file(model.state_dict(), place / "model.safetensors")
    configuration = {
        "format": 1, "task": "language-model", "vocabulary_size": vocabulary, "input": "embedding",
        "embedding": embedding, "cell": kind, "bias": "both", "hidden": hidden, "layers": layers, "dropout": 0,
    }
    (place / "config.json").write_text(json.dumps(configuration, indent=2) + "\n")
    symbols = [chr(ord("a") + number) for number in range(vocabulary)]
    (place / "vocabulary.json").write_text(json.dumps({"tokens": "characters", "symbols": symbols}) + "\n")
    run = {"tokens": tokens, "logits": logits, "h0": h0, "hn": hn}
    if cn:
        run |= {"c0": c0, "cn": cn[0]}
    save_file({name: tensor.contiguous() for name, tensor in run.items()}, place / "run.safetensors")


def main():
    torch.set_num_threads(1)
    for kind in KINDS:
        for layers in (1, 2):
            for bidirectional in (False, True):
                for has_lengths in (False, True):
                    recurrent(kind, layers, bidirectional, has_lengths)
    for kind in ("lstm", "gru", "elman_tanh"):
        ten_steps(kind)
    ten_steps("lstm", sparse=True)
    folder("lstm", layers=2)
    folder("gru", layers=1)


if __name__ == "__main__":
    main()
