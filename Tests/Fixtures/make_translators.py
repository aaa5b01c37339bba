"""Writes PyTorch's numbers for translators. See README.md beside this file.

Run: python make_translators.py   (PyTorch 2.13.0, CPU, float64)
"""

import torch
from make_fixtures import write
from torch import nn
from torch.nn.functional import cross_entropy

SOURCES, TARGETS, SIZE, HIDDEN = 7, 6, 4, 6  # The last target token is the boundary.
LENGTHS = [5, 3, 4]
TARGET_LENGTHS = [3, 1, 2]
STEPS, ROWS = max(TARGET_LENGTHS) + 1, len(LENGTHS)


class Additive(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.score = nn.Linear(HIDDEN, SIZE, bias=False), nn.Linear(HIDDEN, SIZE), nn.Linear(SIZE, 1, bias=False)

    def scores(self, queries, states):
        return self.score(torch.tanh(self.query(queries)[:, None] + self.key(states)[None]))[..., 0]


class General(nn.Module):
    def __init__(self):
        super().__init__()
        self.projection = nn.Linear(HIDDEN, HIDDEN, bias=False)

    def scores(self, queries, states):
        return torch.einsum("qnd,tnd->qtn", queries, self.projection(states))


class Dot(nn.Module):
    def scores(self, queries, states):
        return torch.einsum("qnd,tnd->qtn", queries, states)


class Decoder(nn.Module):
    def __init__(self, attention, feeds, tied, cell, layers):
        super().__init__()
        self.feeds = feeds
        self.embedding = nn.Embedding(TARGETS, SIZE)
        self.rnn = cell(SIZE * (2 if feeds else 1), HIDDEN, num_layers=layers)
        self.attention = attention
        self.readout = nn.Linear(HIDDEN + (HIDDEN if attention else 0) + SIZE, SIZE)
        self.head = nn.Linear(SIZE, TARGETS)
        if tied:
            self.head.weight = self.embedding.weight

    def read(self, h, vectors, states, mask):
        if not self.attention:
            return torch.tanh(self.readout(torch.cat([h, vectors], 2)))
        scores = self.attention.scores(h, states).masked_fill(mask, -torch.inf)
        context = torch.einsum("qtn,tnv->qnv", torch.softmax(scores, 1), states)
        return torch.tanh(self.readout(torch.cat([h, context, vectors], 2)))

    def forward(self, tokens, state, states, mask):
        vectors = self.embedding(tokens)
        if not self.feeds:
            return self.head(self.read(self.rnn(vectors, state)[0], vectors, states, mask))
        outputs, fed = [], torch.zeros(1, ROWS, SIZE).double()
        for vector in vectors.split(1):
            h, state = self.rnn(torch.cat([vector, fed], 2), state)
            fed = self.read(h, vector, states, mask)
            outputs.append(fed)
        return self.head(torch.cat(outputs))


class Translator(nn.Module):
    def __init__(self, attention, feeds=False, tied=True, cell=nn.GRU, layers=1, bidirectional=True):
        super().__init__()
        self.embedding = nn.Embedding(SOURCES, SIZE)
        self.encoder = cell(SIZE, HIDDEN // (2 if bidirectional else 1), num_layers=layers, bidirectional=bidirectional)
        self.bridge = nn.ModuleDict({"h": nn.ModuleList(nn.Linear(HIDDEN, HIDDEN) for _ in range(layers))})
        if cell is nn.LSTM:
            self.bridge["c"] = nn.ModuleList(nn.Linear(HIDDEN, HIDDEN) for _ in range(layers))
        self.decoder = Decoder(attention, feeds, tied, cell, layers)

    def bridged(self, states, name):
        directions = 2 if self.encoder.bidirectional else 1
        parts = states.reshape(self.encoder.num_layers, directions, ROWS, -1).transpose(1, 2).flatten(2)
        results = [layer(part) for layer, part in zip(self.bridge[name], parts)]
        return torch.stack([torch.tanh(result) for result in results] if name == "h" else results)

    def forward(self, sources, inputs):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(sources), LENGTHS, enforce_sorted=False)
        states, final = self.encoder(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states)
        state = (self.bridged(final[0], "h"), self.bridged(final[1], "c")) if isinstance(final, tuple) else self.bridged(final, "h")
        mask = (torch.arange(len(states))[:, None] >= torch.tensor(LENGTHS))[None]
        return self.decoder(inputs, state, states, mask)


class Transformer(nn.Module):
    """An encoder and a decoder of PyTorch's own layers, which normalize first."""

    def __init__(self):
        super().__init__()
        options = {"nhead": 2, "dim_feedforward": HIDDEN, "dropout": 0, "norm_first": True}
        self.embedding = nn.Embedding(SOURCES, SIZE)
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(SIZE, **options), 2, nn.LayerNorm(SIZE), enable_nested_tensor=False)
        self.target_embedding = nn.Embedding(TARGETS, SIZE)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(SIZE, **options), 2, nn.LayerNorm(SIZE))
        self.head = nn.Linear(SIZE, TARGETS)
        self.head.weight = self.target_embedding.weight

    @staticmethod
    def placed(vectors):
        steps = torch.arange(len(vectors)).double()[:, None]
        angles = steps / 10000 ** (torch.arange(0, SIZE, 2).double() / SIZE)
        places = torch.stack([angles.sin(), angles.cos()], 2).flatten(1)
        return vectors * SIZE**0.5 + places[:, None].float().double()

    def forward(self, sources, inputs):
        padding = torch.arange(len(sources))[None] >= torch.tensor(LENGTHS)[:, None]
        states = self.encoder(self.placed(self.embedding(sources)), src_key_padding_mask=padding)
        causal = torch.triu(torch.ones(len(inputs), len(inputs)), 1).bool()
        return self.head(self.decoder(
            self.placed(self.target_embedding(inputs)), states, tgt_mask=causal, memory_key_padding_mask=padding))


def fixture(name, make, layers=1, tied=True, seed=2):
    torch.manual_seed(seed)
    model = make().double()
    for parameter in model.parameters():
        parameter.data = parameter.data.float().double()
    sources = torch.randint(0, SOURCES, (max(LENGTHS), ROWS))
    inputs = torch.full((STEPS, ROWS), TARGETS - 1)
    targets = torch.full((STEPS, ROWS), -100)
    for row, length in enumerate(TARGET_LENGTHS):
        tokens = torch.randint(0, TARGETS - 1, (length,))
        inputs[1:length + 1, row] = tokens
        targets[:length, row] = tokens
        targets[length, row] = TARGETS - 1
    for row, length in enumerate(LENGTHS):
        sources[length:, row] = 0
    logits = model(sources, inputs)
    loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), label_smoothing=0.1)
    loss.backward()
    # A tied weight is saved once.
    tensors = {"model." + key: value for key, value in model.state_dict().items()
               if not (key.endswith("head.weight") and tied)}
    tensors |= {"grad." + key: value.grad for key, value in model.named_parameters()}
    write(name, {"cell": "gru", "layers": layers, "steps": STEPS, "batch": ROWS, "hidden": HIDDEN,
                 "lengths": LENGTHS},
          tensors | {"sources": sources, "inputs": inputs, "targets": targets, "logits": logits, "loss": loss})


if __name__ == "__main__":
    fixture("translator_additive", lambda: Translator(Additive()))
    fixture("translator_general", lambda: Translator(General(), cell=nn.LSTM, layers=2, tied=False), layers=2, tied=False)
    fixture("translator_dot", lambda: Translator(Dot(), feeds=True))
    fixture("translator_none", lambda: Translator(None, bidirectional=False))
    fixture("translator_transformer", Transformer, seed=3)
