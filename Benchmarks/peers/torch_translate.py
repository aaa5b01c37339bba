"""The network of `recur train translate` in PyTorch: a bidirectional GRU, a GRU decoder, additive attention.

The query of the attention is the state after the step, and no step reads the readout of another one. So a whole target is one
call of the GRU, one attention and, for the tokens that are not padding, one product with the output layer, whose weight is the
target embedding. Parameters have the names of Recur's files.
"""
import json
import math
import pathlib

import safetensors.torch
import torch
from torch import nn
from torch.nn.functional import cross_entropy, dropout
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Attention(nn.Module):
    """Additive attention (Bahdanau et al. 2015)."""

    def __init__(self, query, memory, units):
        super().__init__()
        self.query, self.key = nn.Linear(query, units, bias=False), nn.Linear(memory, units)
        self.score = nn.Linear(units, 1, bias=False)

    def forward(self, queries, states, keys, outside):
        """The contexts of queries `[N, S, H]` in states `[N, T, V]`, those `outside` left out."""
        scores = self.score((self.query(queries)[:, :, None] + keys[:, None]).tanh_()).squeeze(-1)
        if outside is not None:
            scores = scores.masked_fill(outside[:, None], -torch.inf)
        return torch.bmm(scores.softmax(-1), states)


class Decoder(nn.Module):
    def __init__(self, tokens, size, hidden):
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(tokens, size), nn.GRU(size, hidden)
        self.attention = Attention(hidden, hidden, size)
        self.readout, self.head = nn.Linear(2 * hidden + size, size), nn.Linear(size, tokens)
        self.head.weight = self.embedding.weight


class Translator(nn.Module):
    def __init__(self, sources, targets, size, hidden, probability):
        super().__init__()
        self.embedding, self.encoder = nn.Embedding(sources, size), nn.GRU(size, hidden // 2, bidirectional=True)
        self.bridge = nn.ModuleDict({"h": nn.ModuleList([nn.Linear(hidden, hidden)])})
        self.decoder = Decoder(targets, size, hidden)
        self.probability = probability

    @classmethod
    def load(cls, folder):
        """The model of a folder."""
        folder = pathlib.Path(folder)
        sizes = json.loads((folder / "config.json").read_text())
        expected = {"cell": "gru", "layers": 1, "attention": "additive", "tied": True, "bidirectional": True, "input_feeding": False}
        if any(sizes.get(key) != value for key, value in expected.items()):
            raise SystemExit(f"{folder} is not a translator with the default layers")
        model = cls(sizes["source_tokens"], sizes["target_tokens"], sizes["embedding"], sizes["hidden"], sizes["dropout"])
        values = safetensors.torch.load_file(folder / "model.safetensors")
        model.load_state_dict(values | {"decoder.head.weight": values["decoder.embedding.weight"]})
        return model

    def dropped(self, values):
        return dropout(values, self.probability, self.training)

    def encode(self, sources, lengths):
        """The memory of sources `[T, N]`: states, keys, what is padding; and the decoder's first state."""
        vectors, is_padded = self.dropped(self.embedding(sources)), int(lengths.min()) < len(sources)
        if is_padded:
            states, final = self.encoder(pack_padded_sequence(vectors, lengths, enforce_sorted=False))
            states = pad_packed_sequence(states)[0]
        else:
            states, final = self.encoder(vectors)
        states = states.transpose(0, 1).contiguous()
        outside = torch.arange(len(sources)) >= lengths[:, None] if is_padded else None
        first = self.bridge["h"][0](torch.cat([final[0], final[1]], -1)).tanh()
        return (states, self.decoder.attention.key(states), outside), first[None]

    def readouts(self, vectors, state, memory, counted=None):
        """What the output layer reads `[N, S, R]`, or of the counted steps `[M, R]`; and the state after the last step."""
        outputs, state = self.decoder.rnn(vectors, state)
        outputs = outputs.transpose(0, 1)
        parts = [outputs, self.decoder.attention(outputs, *memory), vectors.transpose(0, 1)]
        if counted is not None:
            parts = [part.flatten(0, 1)[counted] for part in parts]
        return self.decoder.readout(torch.cat(parts, -1)).tanh(), state

    def forward(self, sources, lengths, inputs, counted):
        """The logits of the counted tokens."""
        memory, state = self.encode(sources, lengths)
        vectors = self.dropped(self.decoder.embedding(inputs))
        return self.decoder.head(self.dropped(self.readouts(vectors, state, memory, counted)[0]))


def batch(sources, targets, boundary):
    """The tensors of pairs: sources and lengths, the tokens before each step, the counted steps, and the tokens after them."""
    lengths = torch.tensor([len(source) for source in sources])
    following = padded([target + [boundary] for target in targets], -1).T
    inputs = padded([[boundary] + target for target in targets], boundary)
    counted = (following.flatten() >= 0).nonzero()[:, 0]
    return (padded(sources, 0), lengths, inputs, counted), following.flatten()[counted]


def padded(rows, value):
    """Rows of tokens as `[T, N]`."""
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows]).T.contiguous()


def train(model, epochs, rate, warm_up, smoothing, clip):
    """Trains with Adam, a linear warm-up and a cosine; returns the loss of each epoch, in nats per token."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=True)
    total, step, losses = sum(map(len, epochs)), 0, []
    model.train()
    for batches in epochs:
        sums, tokens = torch.zeros(()), 0
        for inputs, targets in batches:
            for group in optimizer.param_groups:
                group["lr"] = rate * factor(step, total, warm_up)
            optimizer.zero_grad()
            loss = cross_entropy(model(*inputs), targets, label_smoothing=smoothing)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            sums += loss.detach() * len(targets)
            tokens += len(targets)
            step += 1
        losses.append(sums.item() / tokens)
    return losses


def factor(step, total, warm_up):
    """The factor of the learning rate."""
    if step < warm_up:
        return (step + 1) / warm_up
    return (1 + math.cos(math.pi * (step - warm_up) / max(total - warm_up, 1))) / 2
