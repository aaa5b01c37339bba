"""Writes PyTorch's numbers for classifiers and taggers. See README.md beside this file.

Run: python make_sequence_models.py   (PyTorch 2.13.0, CPU, float64)
"""

import itertools

import torch
from make_crf import CRF, TAGS
from make_fixtures import rounded, write
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

STEPS, BATCH, WORDS, EMBEDDING, HIDDEN, CLASSES, WINDOW = 6, 4, 9, 3, 5, 3, 2
LENGTHS = torch.tensor([3, 6, 1, 5])


def run(rnn, x, lengths):
    """Outputs [T, N, F], 0 past a row's end, and the last layer's final states [N, F]."""
    packed, (final, _) = rnn(pack_padded_sequence(x, lengths, enforce_sorted=False))
    outputs, _ = pad_packed_sequence(packed, total_length=len(x))
    return outputs, torch.cat([final[-2], final[-1]], dim=1)


def inside():
    """[T, N]: which steps are within their row's length."""
    return torch.arange(STEPS)[:, None] < LENGTHS


class AttentionPooling(nn.Module):
    """Yang et al. 2016."""

    def __init__(self, features):
        super().__init__()
        self.projection = nn.Linear(features, features)
        self.query = nn.Linear(features, 1, bias=False)

    def forward(self, x):
        scores = self.query(torch.tanh(self.projection(x))).squeeze(2)
        weights = scores.masked_fill(~inside(), -torch.inf).softmax(dim=0)
        return (weights[:, :, None] * x).sum(dim=0)


class Classifier(nn.Module):
    """Embedding → bidirectional LSTM → pooling → Linear, over time-first tokens."""

    def __init__(self, pooling):
        super().__init__()
        self.pooling = pooling
        self.embedding = nn.Embedding(WORDS, EMBEDDING)
        self.rnn = nn.LSTM(EMBEDDING, HIDDEN, bidirectional=True)
        if pooling == "attention":
            self.attention = AttentionPooling(2 * HIDDEN)
        self.head = nn.Linear(2 * HIDDEN, CLASSES)

    def forward(self, tokens):
        outputs, final = run(self.rnn, self.embedding(tokens), LENGTHS)
        pooled = {
            "last": lambda: final,
            "mean": lambda: outputs.sum(dim=0) / LENGTHS[:, None],
            "max": lambda: outputs.masked_fill(~inside()[:, :, None], -torch.inf).amax(dim=0),
            "attention": lambda: self.attention(outputs),
        }[self.pooling]()
        return self.head(pooled)


class WindowClassifier(nn.Module):
    """The vectors of all tokens side by side → Linear → ReLU → Linear to one logit."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, EMBEDDING)
        self.hidden = nn.Linear(STEPS * EMBEDDING, HIDDEN)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, tokens):
        x = self.embedding(tokens) * inside()[:, :, None]
        return self.head(torch.relu(self.hidden(x.transpose(0, 1).reshape(BATCH, -1))))


class CharacterEncoder(nn.Module):
    """The final states of a bidirectional LSTM over each word's characters."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 2)
        self.rnn = nn.LSTM(2, 2, bidirectional=True)

    def forward(self, spelling):
        vectors = [run(self.rnn, self.embedding(word)[:, None], torch.tensor([len(word)]))[1] for word in spelling]
        return torch.cat(vectors).reshape(STEPS, BATCH, -1)


class Tagger(nn.Module):
    """Words and characters → bidirectional LSTM → Linear."""

    def __init__(self, tags=CLASSES):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, EMBEDDING)
        self.characters = CharacterEncoder()
        self.rnn = nn.LSTM(EMBEDDING + 4, HIDDEN, bidirectional=True)
        self.head = nn.Linear(2 * HIDDEN, tags)

    def forward(self, tokens, spelling):
        x = torch.cat([self.embedding(tokens), self.characters(spelling)], dim=2)
        return self.head(run(self.rnn, x, LENGTHS)[0])


class CharacterClassifier(Tagger):
    """Words and characters → the final states of a bidirectional LSTM → Linear."""

    def forward(self, tokens, spelling):
        x = torch.cat([self.embedding(tokens), self.characters(spelling)], dim=2)
        return self.head(run(self.rnn, x, LENGTHS)[1])


class CRFTagger(Tagger):
    """A CRF on top, its likelihood taken over every sequence of tags that there is."""

    def __init__(self):
        super().__init__(TAGS)
        self.crf = CRF()

    def negative_log_likelihood(self, emissions, tags):
        losses = []
        for row, length in enumerate(LENGTHS.tolist()):
            paths = torch.tensor(list(itertools.product(range(TAGS), repeat=length)))
            own = self.crf.scores(emissions[:length, row], tags[None, :length, row])[0]
            losses.append(self.crf.scores(emissions[:length, row], paths).logsumexp(0) - own)
        return torch.stack(losses).mean()


class WindowTagger(nn.Module):
    """Each word's vector between those of its neighbours → Linear → ReLU → Linear."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, EMBEDDING)
        self.hidden = nn.Linear((2 * WINDOW + 1) * EMBEDDING, HIDDEN)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, tokens):
        x = self.embedding(tokens) * inside()[:, :, None]
        padded = nn.functional.pad(x, (0, 0, 0, 0, WINDOW, WINDOW))
        neighbours = torch.cat([padded[shift : shift + STEPS] for shift in range(2 * WINDOW + 1)], dim=2)
        return self.head(torch.relu(self.hidden(neighbours)))


def one_pass(name, model, *inputs, targets, loss):
    """Logits, a loss, and its gradients; tensors by name."""
    # With PyTorch's first values all states are alike, and attention's gradients all but cancel.
    for key, parameter in model.named_parameters():
        nn.init.normal_(parameter, std=2 if "embedding" in key else 0.7)
    rounded(model)
    logits = model(*inputs)
    value = loss(logits)
    value.backward()
    tensors = {f"model.{key}": parameter for key, parameter in model.named_parameters()}
    tensors |= {f"grad.{key}": parameter.grad for key, parameter in model.named_parameters()}
    tensors |= {"inputs": inputs[0], "targets": targets, "logits": logits, "loss": value.reshape(1)}
    if len(inputs) > 1:
        longest = max(len(word) for word in inputs[1])
        rows = [nn.functional.pad(word, (0, longest - len(word)), value=-1) for word in inputs[1]]
        tensors["spelling"] = torch.stack(rows)
    metadata = {
        "cell": "lstm", "layers": 1, "steps": STEPS, "batch": BATCH, "hidden": HIDDEN, "vocabulary": WORDS,
        "embedding": EMBEDDING, "lengths": LENGTHS.tolist(),
    }
    write(name, metadata, tensors)


def classifiers(tokens):
    classes = torch.randint(CLASSES, (BATCH,))
    for pooling in ("last", "mean", "max", "attention"):
        one_pass(f"classifier_{pooling}", Classifier(pooling).double(), tokens, targets=classes,
                 loss=lambda logits: cross_entropy(logits, classes))
    answers = torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=torch.float64)
    one_pass("classifier_window", WindowClassifier().double(), tokens, targets=answers,
             loss=lambda logits: nn.functional.binary_cross_entropy_with_logits(logits.squeeze(1), answers))


def spellings(tokens):
    """The characters of each word: every word has a spelling of its own, some several."""
    words = [torch.randint(WORDS, (length,)) for length in torch.randint(1, 5, (WORDS,)).tolist()]
    return [words[word] for word in tokens.reshape(-1).tolist()]


def taggers(tokens):
    tags = torch.where(inside(), torch.randint(CLASSES, (STEPS, BATCH)), -1)
    loss = lambda logits: cross_entropy(logits.reshape(-1, CLASSES), tags.reshape(-1), ignore_index=-1)
    spelling = spellings(tokens)
    one_pass("tagger", Tagger().double(), tokens, spelling, targets=tags, loss=loss)
    field = CRFTagger().double()
    one_pass("tagger_crf", field, tokens, spelling, targets=tags,
             loss=lambda logits: field.negative_log_likelihood(logits, tags))
    one_pass("tagger_window", WindowTagger().double(), tokens, targets=tags, loss=loss)


def character_classifier(tokens):
    classes = torch.randint(CLASSES, (BATCH,))
    one_pass("classifier_characters", CharacterClassifier().double(), tokens, spellings(tokens), targets=classes,
             loss=lambda logits: cross_entropy(logits, classes))


def main():
    torch.set_num_threads(1)
    torch.manual_seed(5)
    tokens = torch.randint(WORDS, (STEPS, BATCH))
    classifiers(tokens)
    taggers(tokens)
    character_classifier(tokens)


if __name__ == "__main__":
    main()
