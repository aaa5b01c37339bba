"""`recur train tag --characters --crf --bidirectional` over CoNLL columns, in PyTorch: the same network, initial weights of the
same kind, the same batches of similar lengths, optimizer and choice of the epoch. Options are Recur's, and so are their
defaults, one layer excepted; rare characters (and with --minimum-count 2 rare words) share one vector, as in Recur.

Scores are entity F1: an entity counts as right if its type and all its words are.
"""
import argparse
import copy
import math
import random
import sys
from collections import Counter

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "validation", "test"):
        parser.add_argument(f"--{name}", required=True)
    for name, default in (
        ("hidden", 128), ("embedding", 128), ("character-hidden", 32), ("character-embedding", 32), ("batch", 50),
        ("epochs", 10), ("minimum-count", 1),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("dropout", 0), ("learning-rate", 0.002), ("clip-norm", 5)):
        parser.add_argument(f"--{name}", type=float, default=default)
    parser.add_argument("--lowercase", action="store_true")
    parser.add_argument("--schedule", choices=("constant", "cosine"), default="constant")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def sentences(path):
    """Lists of (word, tag): the first and the last column of each line, an empty line after a sentence."""
    found = [[]]
    with open(path, encoding="utf-8") as file:
        for line in file:
            columns = line.strip().split("\t")
            if columns[0]:
                found[-1].append((columns[0].strip(), columns[-1].strip()))
            elif found[-1]:
                found.append([])
    return [sentence for sentence in found if sentence]


def entities(tags):
    """(first, end, type) of each entity of BIO or IOB1 tags."""
    found, first, kind = set(), None, None
    for place, tag in enumerate([*tags, "O"]):
        prefix, _, own = tag.partition("-")
        if first is not None and (prefix in "OB" or own != kind):
            found.add((first, place, kind))
            first = None
        if prefix != "O" and first is None:
            first, kind = place, own
    return found


class CRF(torch.nn.Module):
    """A linear chain over K tags; scores are `[N, T, K]`."""

    def __init__(self, tags):
        super().__init__()
        self.start, self.end = (torch.nn.Parameter(torch.empty(tags).uniform_(-0.1, 0.1)) for _ in range(2))
        self.transitions = torch.nn.Parameter(torch.empty(tags, tags).uniform_(-0.1, 0.1))

    def negative_log_likelihood(self, scores, tags, mask):
        forward = self.start + scores[:, 0]
        path = self.start[tags[:, 0]] + scores[:, 0].gather(1, tags[:, :1])[:, 0]
        for step in range(1, scores.shape[1]):
            counts = mask[:, step]
            longer = torch.logsumexp(forward[:, :, None] + self.transitions, 1) + scores[:, step]
            forward = torch.where(counts[:, None], longer, forward)
            own = scores[:, step].gather(1, tags[:, step : step + 1])[:, 0]
            path = path + counts * (self.transitions[tags[:, step - 1], tags[:, step]] + own)
        last = tags.gather(1, mask.sum(1, keepdim=True) - 1)[:, 0]
        return (torch.logsumexp(forward + self.end, 1) - path - self.end[last]).mean()

    def best_path(self, scores):
        """Viterbi, of one sentence's `[T, K]`."""
        best, sources = self.start + scores[0], []
        for step in range(1, len(scores)):
            value, source = (best[:, None] + self.transitions).max(0)
            best = value + scores[step]
            sources.append(source)
        path = [int((best + self.end).argmax())]
        for source in reversed(sources):
            path.append(int(source[path[-1]]))
        return path[::-1]


class Tagger(torch.nn.Module):
    """A word's vector and the last states of an LSTM over its characters; an LSTM over words; a score for each tag."""

    def __init__(self, words, characters, tags):
        super().__init__()
        self.words = torch.nn.Embedding(words + 1, options.embedding, padding_idx=words)
        self.characters = torch.nn.Embedding(characters + 1, options.character_embedding, padding_idx=characters)
        self.speller = torch.nn.LSTM(options.character_embedding, options.character_hidden, bidirectional=True)
        features = options.embedding + 2 * options.character_hidden
        self.rnn = torch.nn.LSTM(features, options.hidden, bidirectional=True, batch_first=True)
        self.dropout = torch.nn.Dropout(options.dropout)
        self.head = torch.nn.Linear(2 * options.hidden, tags)
        self.crf = CRF(tags)

    def forward(self, words, lengths, spellings):
        x = self.dropout(torch.cat([self.words(words), self.spelled(spellings)], 2))
        packed, _ = self.rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return self.head(self.dropout(pad_packed_sequence(packed, batch_first=True)[0]))

    def spelled(self, spellings):
        """`[N, T, 2·character_hidden]`; each spelling of a batch is read once."""
        distinct = {}
        places = [torch.tensor([distinct.setdefault(word, len(distinct)) for word in row]) for row in spellings]
        texts = pad_sequence([torch.tensor(word) for word in distinct], padding_value=self.characters.padding_idx)
        packed = pack_padded_sequence(self.characters(texts), [len(word) for word in distinct], enforce_sorted=False)
        vectors = torch.cat(tuple(self.speller(packed)[1][0]), 1)
        vectors = torch.cat([vectors, vectors.new_zeros(1, vectors.shape[1])])
        return vectors[pad_sequence(places, batch_first=True, padding_value=len(distinct))]


class Numbers:
    """Words, characters and tags as numbers; what is rare has the last number."""

    def __init__(self, data):
        word_counts = Counter(self.form(word) for sentence in data for word, _ in sentence)
        counts = Counter(character for sentence in data for word, _ in sentence for character in word)
        self.words = self.numbered(word for word, count in word_counts.items() if count >= options.minimum_count)
        self.characters = self.numbered(character for character, count in counts.items() if count > 1)
        self.tags = sorted({tag for sentence in data for _, tag in sentence})

    def form(self, word):
        return word.lower() if options.lowercase else word

    @staticmethod
    def numbered(symbols):
        return {symbol: place for place, symbol in enumerate(symbols)}

    def inputs(self, batch):
        words = [torch.tensor([self.words.get(self.form(word), len(self.words)) for word, _ in row]) for row in batch]
        spellings = [
            [tuple(self.characters.get(character, len(self.characters)) for character in word[:50]) for word, _ in row]
            for row in batch
        ]
        padded = pad_sequence(words, batch_first=True, padding_value=len(self.words) + 1)
        return padded, [len(row) for row in batch], spellings

    def targets(self, batch):
        numbers = self.numbered(self.tags)
        tags = pad_sequence([torch.tensor([numbers[tag] for _, tag in row]) for row in batch], batch_first=True)
        return tags, torch.arange(tags.shape[1])[None] < torch.tensor([len(row) for row in batch])[:, None]


def batches(data):
    """Shuffled, sorted by length in pools of 100 batches or a quarter of all, and shuffled as batches."""
    size, order = options.batch, random.sample(data, len(data))
    pool = size * min(100, max(1, math.ceil(len(order) / size) // 4))
    order = [row for start in range(0, len(order), pool) for row in sorted(order[start : start + pool], key=len)]
    found = [order[start : start + size] for start in range(0, len(order), size)]
    random.shuffle(found)
    return found


@torch.inference_mode()
def score(model, numbers, data):
    """Entity F1."""
    model.eval()
    there = found = right = 0
    for start in range(0, len(data), 50):
        batch = data[start : start + 50]
        for row, scores in zip(batch, model(*numbers.inputs(batch))):
            wanted = entities(tag for _, tag in row)
            got = entities(numbers.tags[tag] for tag in model.crf.best_path(scores[: len(row)]))
            there, found, right = there + len(wanted), found + len(got), right + len(wanted & got)
    return 2 * right / max(there + found, 1)


def train(data, validation, seed):
    """The model with the weights of its best epoch, and its numbers."""
    torch.manual_seed(seed)
    random.seed(seed)
    numbers = Numbers(data)
    model = Tagger(len(numbers.words) + 1, len(numbers.characters) + 1, len(numbers.tags))
    optimizer = torch.optim.Adam(model.parameters(), options.learning_rate)
    steps = options.epochs * math.ceil(len(data) / options.batch)
    factor = {"constant": lambda step: 1, "cosine": lambda step: (1 + math.cos(math.pi * step / steps)) / 2}
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor[options.schedule])
    best, weights = -1, None
    for epoch in range(options.epochs):
        model.train()
        losses = []
        for batch in batches(data):
            optimizer.zero_grad()
            loss = model.crf.negative_log_likelihood(model(*numbers.inputs(batch)), *numbers.targets(batch))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip_norm)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        f1 = score(model, numbers, validation)
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}, F1 {f1:.4f}", file=sys.stderr)
        if f1 > best:
            best, weights = f1, copy.deepcopy(model.state_dict())
    model.load_state_dict(weights)
    return model, numbers


def main():
    data, validation, test = (sentences(path) for path in (options.data, options.validation, options.test))
    scores = []
    for seed in options.seeds:
        model, numbers = train(data, validation, seed)
        scores.append(score(model, numbers, test))
        count = sum(parameter.numel() for parameter in model.parameters())
        print(f"seed {seed}: {count:,} parameters, entity F1 {scores[-1]:.4f}", flush=True)
    print(f"mean {sum(scores) / len(scores):.4f}")


options = arguments()
torch.set_num_threads(options.threads)
main()
