"""PyTorch at the work of `recur bench`, at its best of 1 and 2 threads. Run by compare.py."""
import sys

import torch
from torch_translator import translator_step
from worker import mean_milliseconds, serve, sizes

VOCABULARY, EMBEDDING = 65, 128
ROWS = STEPS = 50
WORDS = 10_000


class CharacterModel(torch.nn.Module):
    """What Benchmarks/CharacterModel.swift and Generate.swift time: embedding, two LSTM layers, head."""

    def __init__(self, hidden):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCABULARY, EMBEDDING)
        self.rnn = torch.nn.LSTM(EMBEDDING, hidden, 2)
        self.head = torch.nn.Linear(hidden, VOCABULARY)

    def forward(self, tokens, state=None):
        outputs, state = self.rnn(self.embedding(tokens), state)
        return self.head(outputs), state


class Notebook(torch.nn.Module):
    """What Benchmarks/Notebook.swift times: words → Elman → the last state → one logit."""

    def __init__(self, hidden):
        super().__init__()
        self.embedding = torch.nn.Embedding(WORDS, 2)
        self.rnn = torch.nn.RNN(2, hidden)
        self.head = torch.nn.Linear(hidden, 1)

    def forward(self, words):
        return self.head(self.rnn(self.embedding(words))[1][-1])


def character_step(size, part):
    """One training step: forward, backward, clip, Adam, the state carried on."""
    model = CharacterModel(size["H"])
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    tokens = torch.randint(VOCABULARY, (size["T"], size["B"]))
    targets = torch.randint(VOCABULARY, (size["T"] * size["B"],))
    carried = None

    def step():
        nonlocal carried
        carried = train_characters(model, optimizer, tokens, targets, carried)

    return step


def train_characters(model, optimizer, tokens, targets, state):
    """Trains on one batch; returns the state to carry on."""
    optimizer.zero_grad()
    logits, state = model(tokens, state)
    torch.nn.functional.cross_entropy(logits.view(-1, VOCABULARY), targets).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
    optimizer.step()
    return tuple(part.detach() for part in state)


def notebook_step(size, part):
    """One training step with dense gradients."""
    model = Notebook(size["H"])
    optimizer = torch.optim.Adam(model.parameters())
    words = torch.randint(WORDS, (size["T"], size["B"]))
    labels = torch.arange(size["B"]).remainder(2).float()[:, None]

    def step():
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(words), labels).backward()
        optimizer.step()

    return step


def generate_step(size, part):
    """One character: a step of the model, a draw."""
    model = CharacterModel(size["H"])
    token, state = torch.zeros(1, 1, dtype=torch.long), None

    @torch.inference_mode()
    def step():
        nonlocal token, state
        logits, state = model(token, state)
        token = torch.multinomial(torch.softmax(logits[0], -1), 1)

    return step


def product_step(size, part):
    """`A · Bᵀ`."""
    a, b = torch.randn(size["M"], size["K"]), torch.randn(size["N"], size["K"])

    @torch.inference_mode()
    def step():
        torch.mm(a, b.T)

    return step


def cell_step(kind):
    """A maker of a cell's forward pass, or of forward and backward with the gradient of the input too."""

    def make(size, part):
        rnn = kind(size["I"], size["H"], size["L"]).train(part == "training")
        x = torch.randn(size["T"], size["B"], size["I"], requires_grad=part == "training")
        upstream = torch.randn(size["T"], size["B"], size["H"])

        @torch.inference_mode()
        def forward():
            rnn(x)

        def training():
            rnn.zero_grad()
            x.grad = None
            rnn(x)[0].backward(upstream)

        return forward if part == "forward" else training

    return make


MAKERS = {
    "matmul": product_step,
    "elman": cell_step(torch.nn.RNN),
    "lstm": cell_step(torch.nn.LSTM),
    "gru": cell_step(torch.nn.GRU),
    "character": character_step,
    "notebook": notebook_step,
    "translator": translator_step,
    "generate": generate_step,
}


def milliseconds(work, part, seconds):
    """The best of 1 and 2 threads."""
    step = MAKERS[work.split()[0]](sizes(work), part)
    times = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        times.append(mean_milliseconds(step, seconds))
    return min(times)


def characters(path):
    """A text's characters as numbers."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    numbers = {symbol: number for number, symbol in enumerate(sorted(set(text)))}
    return torch.tensor([numbers[symbol] for symbol in text])


def streams(tokens, rows=ROWS, keeps_remainder=False):
    """Inputs and targets of each step, time first; the last, shorter one only where it is kept."""
    length = (len(tokens) - 1) // rows
    inputs, targets = (tokens[first : first + rows * length].view(rows, length).T for first in (0, 1))
    for start in range(0, length if keeps_remainder else length - STEPS + 1, STEPS):
        yield inputs[start : start + STEPS], targets[start : start + STEPS].reshape(-1)


def train_text(path):
    """The character model's training run over a text, as `recur train text --epochs 1` makes it: to see its memory."""
    model = CharacterModel(128)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    state = None
    for inputs, targets in streams(characters(path)):
        state = train_characters(model, optimizer, inputs, targets, state)


if __name__ == "__main__":
    if sys.argv[1:]:
        train_text(sys.argv[1])
    else:
        serve(f"PyTorch {torch.__version__}", milliseconds)
