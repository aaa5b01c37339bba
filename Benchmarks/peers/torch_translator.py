"""PyTorch at the work of Benchmarks/Translator.swift."""
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Translator(nn.Module):
    """Embedding, bidirectional LSTM; a decoder with additive attention and input feeding; readout, head."""

    def __init__(self, words, hidden):
        super().__init__()
        self.source, self.target = nn.Embedding(words, hidden), nn.Embedding(words, hidden)
        self.encoder = nn.LSTM(hidden, hidden, bidirectional=True)
        self.bridge = nn.Linear(2 * hidden, hidden)
        self.decoder = nn.LSTMCell(2 * hidden, hidden)
        self.query, self.key = nn.Linear(hidden, hidden, bias=False), nn.Linear(2 * hidden, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.readout, self.head = nn.Linear(3 * hidden, hidden), nn.Linear(hidden, words)

    def forward(self, sources, lengths, targets):
        packed = pack_padded_sequence(self.source(sources), lengths, enforce_sorted=False)
        outputs, (final, _) = self.encoder(packed)
        states = pad_packed_sequence(outputs, total_length=len(sources))[0].transpose(0, 1)
        keys = self.key(states)
        outside = torch.arange(len(sources))[None] >= lengths[:, None]
        h = torch.tanh(self.bridge(torch.cat([final[0], final[1]], -1)))
        c = torch.zeros_like(h)
        fed, all_fed = c, []
        for word in self.target(targets):
            h, c = self.decoder(torch.cat([word, fed], -1), (h, c))
            scores = self.score(torch.tanh(self.query(h)[:, None] + keys)).squeeze(-1)
            weights = scores.masked_fill(outside, -torch.inf).softmax(-1)
            context = torch.bmm(weights[:, None], states).squeeze(1)
            fed = torch.tanh(self.readout(torch.cat([h, context], -1)))
            all_fed.append(fed)
        return self.head(torch.stack(all_fed))


def translator_step(size, part):
    """One training step: forward, backward, clip, Adam."""
    model = Translator(size["V"], size["H"])
    optimizer = torch.optim.Adam(model.parameters())
    sources, targets, following = torch.randint(size["V"], (3, size["T"], size["B"]))
    lengths = size["T"] - torch.arange(size["B"]) % (size["T"] // 2)

    def step():
        optimizer.zero_grad()
        logits = model(sources, lengths, targets)
        nn.functional.cross_entropy(logits.flatten(0, 1), following.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()

    return step
