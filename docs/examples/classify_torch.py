"""`recur train classify` over characters, in PyTorch: the same network, initial weights of the same kind, the same batches
of similar lengths, optimizer and choice of the epoch. Options are Recur's, and so are their defaults, one layer excepted.

With --validation the weights of the epoch with the best accuracy stay, and --test is measured; with --folds each part of
the data is measured by a model trained for all epochs on the others.
"""
import argparse
import copy
import csv
import random
import sys

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "validation", "test"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label-column", default="label")
    parser.add_argument("--cell", choices=("gru", "lstm"), default="lstm")
    parser.add_argument("--pooling", choices=("last", "mean", "max", "attention"), default="last")
    for name, default in (("hidden", 128), ("embedding", 128), ("layers", 1), ("batch", 50), ("epochs", 10), ("folds", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("dropout", 0), ("learning-rate", 0.002), ("clip-norm", 5)):
        parser.add_argument(f"--{name}", type=float, default=default)
    parser.add_argument("--bidirectional", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def table(path):
    """(text, label) of each row; columns by the first line's names, or by numbers from 1."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t") if path.endswith(".tsv") else csv.reader(file))

    def place(column):
        return int(column) - 1 if column.isdigit() else rows[0].index(column)

    text, label = place(options.text_column), place(options.label_column)
    first = 0 if options.text_column.isdigit() else 1
    return [(row[text].strip(), row[label].strip()) for row in rows[first:]]


class Classifier(torch.nn.Module):
    """Embedding, recurrent layers, one vector of their states, one dense layer."""

    def __init__(self, vocabulary, labels):
        super().__init__()
        features = options.hidden * (2 if options.bidirectional else 1)
        kind = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[options.cell]
        between = options.dropout if options.layers > 1 else 0
        self.embedding = torch.nn.Embedding(vocabulary, options.embedding)
        self.rnn = kind(
            options.embedding, options.hidden, options.layers, dropout=between, bidirectional=options.bidirectional
        )
        if options.pooling == "attention":
            self.projection = torch.nn.Linear(features, features)
            self.query = torch.nn.Linear(features, 1, bias=False)
        self.head = torch.nn.Linear(features, labels)
        self.dropout = torch.nn.Dropout(options.dropout)

    def forward(self, tokens, lengths):
        x = self.dropout(self.embedding(tokens))
        packed, state = self.rnn(pack_padded_sequence(x, lengths, enforce_sorted=False))
        if options.pooling == "last":
            state = state[0] if options.cell == "lstm" else state
            pooled = torch.cat(tuple(state[-2:] if options.bidirectional else state[-1:]), dim=1)
        else:
            pooled = self.pooled(pad_packed_sequence(packed)[0], lengths)
        return self.head(self.dropout(pooled))

    def pooled(self, states, lengths):
        """`[T, N, F] → [N, F]`, over the steps that a row has."""
        past = (torch.arange(len(states))[:, None] >= lengths)[:, :, None]
        if options.pooling == "max":
            return states.masked_fill(past, -torch.inf).amax(0)
        if options.pooling == "mean":
            return states.masked_fill(past, 0).sum(0) / lengths[:, None]
        scores = self.query(self.projection(states).tanh()).masked_fill(past, -torch.inf)
        return (scores.softmax(0) * states).sum(0)


class Examples:
    """Texts and labels as numbers; a character that is not in the vocabulary is 0."""

    def __init__(self, rows, characters, labels):
        self.texts = [torch.tensor([characters.get(character, 0) for character in text]) for text, _ in rows]
        self.labels = torch.tensor([labels[label] for _, label in rows])

    def batch(self, places):
        lengths = torch.tensor([len(self.texts[place]) for place in places])
        return pad_sequence([self.texts[place] for place in places]), lengths, self.labels[places]

    def batches(self):
        """Shuffled, sorted by length in pools of 100 batches or a quarter of all, and shuffled as batches."""
        size, order = options.batch, list(range(len(self.texts)))
        random.shuffle(order)
        pool = size * min(100, max(1, -(-len(order) // size) // 4))
        order = [
            place
            for start in range(0, len(order), pool)
            for place in sorted(order[start : start + pool], key=lambda place: len(self.texts[place]))
        ]
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        random.shuffle(batches)
        return batches

    @torch.inference_mode()
    def right(self, model):
        """How many texts the model gives their label."""
        model.eval()
        everything = list(range(len(self.texts)))
        count = 0
        for start in range(0, len(everything), 500):
            tokens, lengths, labels = self.batch(everything[start : start + 500])
            count += (model(tokens, lengths).argmax(1) == labels).sum().item()
        return count


def train(rows, validation, labels, seed):
    """The model, and the function that makes `Examples` of rows."""
    torch.manual_seed(seed)
    random.seed(seed)
    characters = {character: 1 + place for place, character in enumerate(sorted({c for text, _ in rows for c in text}))}

    def numbered(rows):
        return Examples(rows, characters, labels)

    examples, chosen = numbered(rows), numbered(validation) if validation else None
    model = Classifier(1 + len(characters), len(labels))
    optimizer = torch.optim.Adam(model.parameters(), options.learning_rate)
    best, weights = -1, None
    for epoch in range(options.epochs):
        model.train()
        losses = []
        for places in examples.batches():
            tokens, lengths, targets = examples.batch(places)
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(tokens, lengths), targets)
            loss.backward()
            losses.append(loss.detach())
            torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip_norm)
            optimizer.step()
        if not chosen:
            continue
        right, loss = chosen.right(model), sum(losses) / len(losses)
        print(f"epoch {epoch + 1}: loss {loss:.4f}, accuracy {right / len(validation):.4f}", file=sys.stderr)
        if right > best:
            best, weights = right, copy.deepcopy(model.state_dict())
    if weights:
        model.load_state_dict(weights)
    return model, numbered


def folds(rows, count, seed):
    """Places of rows in parts that have as many of each label as the others: dealt like cards, one label after another."""
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    order.sort(key=lambda place: rows[place][1])
    return [order[part::count] for part in range(count)]


def accuracy(seed):
    rows = table(options.data)
    labels = {label: place for place, label in enumerate(sorted({label for _, label in rows}))}
    if not options.folds:
        model, numbered = train(rows, table(options.validation), labels, seed)
        test = table(options.test)
        return numbered(test).right(model) / len(test)
    right = 0
    for part in folds(rows, options.folds, seed):
        model, numbered = train([row for place, row in enumerate(rows) if place not in part], None, labels, seed)
        right += numbered([rows[place] for place in part]).right(model)
    return right / len(rows)


options = arguments()
torch.set_num_threads(options.threads)
accuracies = []
for seed in options.seeds:
    accuracies.append(accuracy(seed))
    print(f"seed {seed}: accuracy {accuracies[-1]:.4f}", flush=True)
print(f"mean {sum(accuracies) / len(accuracies):.4f}")
