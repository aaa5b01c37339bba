"""Beam search in PyTorch with the rules of `recur translate`: all hypotheses of all sources are one step.

Of the 2 · beam best continuations of a source, those of the first `beam` that are the boundary have ended, and the first `beam`
others live on. A source is finished when `beam` hypotheses have ended, or none can become better than the best; its rows are dropped.
"""
import torch
from torch_translate import padded


@torch.inference_mode()
def translations(model, sources, beam, batch, boundary):
    """The best target of each source, whose last token is the boundary, by the mean log probability of a token."""
    model.eval()
    order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
    results = [None] * len(sources)
    for start in range(0, len(order), batch):
        indices = order[start : start + batch]
        for index, tokens in zip(indices, search(model, [sources[index] for index in indices], beam, boundary)):
            results[index] = tokens
    return results


def search(model, sources, beam, boundary):
    lengths = torch.tensor([len(source) for source in sources])
    memory, state = model.encode(padded(sources, 0), lengths)
    state = state[0][:, None].expand(-1, beam, -1)
    longest = 2 * lengths + 20
    count, ranks = len(sources), torch.arange(2 * beam)
    best, results = torch.full((count,), -torch.inf), [[] for _ in sources]
    numbers = torch.arange(count)  # of the sources that are not finished
    ended = torch.zeros(count, dtype=torch.long)
    # At first a source has one hypothesis; the others are impossible.
    totals, tokens = torch.full((count, beam), -torch.inf), torch.full((count, beam, 1), boundary)
    totals[:, 0] = 0
    step = 0
    while len(numbers):
        values, state = log_probabilities(model, tokens[:, :, -1], state, memory)
        is_last = longest == step
        if is_last.any():
            values[is_last, :, :boundary] = -torch.inf
        vocabulary = values.shape[-1]
        candidates, places = (totals[:, :, None] + values).flatten(1).topk(2 * beam)
        parents, following = places // vocabulary, places % vocabulary
        step += 1
        is_end = following == boundary
        finished = torch.where(is_end & (ranks < beam), candidates / step, -torch.inf)
        ended += (finished > -torch.inf).sum(1)
        score, rank = finished.max(1)
        for row in (score > best).nonzero()[:, 0].tolist():
            results[numbers[row]] = tokens[row, parents[row, rank[row]], 1:].tolist()
        best = torch.maximum(best, score)
        # The first `beam` that go on.
        lives = torch.where(is_end, 2 * beam, ranks).topk(beam, largest=False, sorted=True).indices
        totals, parents, following = (part.gather(1, lives) for part in (candidates, parents, following))
        is_open = (ended < beam) & (totals[:, 0] / (longest + 1) > best)
        rows = is_open.nonzero()[:, 0]
        if len(rows) < len(numbers):
            numbers, longest, best, ended, totals = (part[rows] for part in (numbers, longest, best, ended, totals))
            memory = tuple(part if part is None else part[rows] for part in memory)
            parents, following, tokens, state = parents[rows], following[rows], tokens[rows], state[rows]
        if len(rows):
            state = state.gather(1, parents[:, :, None].expand(-1, -1, state.shape[-1]))
            history = tokens.gather(1, parents[:, :, None].expand(-1, -1, tokens.shape[-1]))
            tokens = torch.cat([history, following[:, :, None]], -1)
    return results


def log_probabilities(model, tokens, state, memory):
    """Of the tokens after the hypotheses `[N, B]`, `[N, B, K]`; and the states `[N, B, H]`."""
    (rows, beam), decoder = tokens.shape, model.decoder
    vectors = decoder.embedding(tokens)
    _, state = decoder.rnn(vectors.view(1, rows * beam, -1), state.reshape(1, rows * beam, -1))
    state = state.view(rows, beam, -1)
    context = decoder.attention(state, *memory)
    logits = decoder.head(decoder.readout(torch.cat([state, context, vectors], -1)).tanh())
    return logits.log_softmax(-1), state
