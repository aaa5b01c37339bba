"""Writes the scores of scikit-learn, conlleval and seqeval that the tests compare with. See README.md beside this file.

Run: python make_metrics.py conlleval.pl   (scikit-learn 1.9.1, seqeval 1.2.2; the script of the CoNLL shared tasks, version
2004-01-26)
"""

import json
import pathlib
import random
import subprocess
import sys

from seqeval import scheme as seqeval
from seqeval.metrics.sequence_labeling import get_entities
from sklearn import metrics

HERE = pathlib.Path(__file__).parent
KINDS = ("PER", "LOC", "corp-x")
PREFIXES = {"iob1": "BI", "iob2": "BI", "ioe1": "IE", "ioe2": "IE", "iobes": "BIES", "bilou": "BILU"}


def classes(count, size):
    """The scores of random predictions; some classes never occur, some are never predicted."""
    actual = [random.randrange(count) for _ in range(size)]
    predicted = [label if random.random() < 0.6 else random.randrange(max(count - 1, 1)) for label in actual]
    labels = list(range(count))
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(actual, predicted, labels=labels, zero_division=0)
    return {
        "actual": actual, "predicted": predicted,
        "matrix": metrics.confusion_matrix(actual, predicted, labels=labels).tolist(),
        "accuracy": metrics.accuracy_score(actual, predicted),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(),
        "macroF1": metrics.f1_score(actual, predicted, average="macro", zero_division=0),
    }


def random_tags(prefixes):
    """Random tags, most of which are not well-formed."""
    tags = ["O", "O", "O"] + [f"{prefix}-{kind}" for prefix in prefixes + "I" for kind in KINDS]
    return [random.choice(tags) for _ in range(random.randint(1, 9))]


def well_formed_tags(scheme):
    """The tags of random entities, many of them side by side."""
    chunks = []
    for _ in range(random.randint(1, 5)):
        chunks.append((random.choice(KINDS + ("O",)), random.randint(1, 3)))
    tags = []
    for place, (kind, length) in enumerate(chunks):
        if kind == "O":
            tags += ["O"]
            continue
        before = place > 0 and chunks[place - 1][0] == kind
        after = place + 1 < len(chunks) and chunks[place + 1][0] == kind
        prefixes = ["I"] * length
        if scheme in ("iob2", "iobes", "bilou") or (scheme == "iob1" and before):
            prefixes[0] = "B"
        if scheme in ("ioe2", "iobes") or (scheme == "ioe1" and after):
            prefixes[-1] = "E"
        if scheme == "bilou":
            prefixes[-1] = "L"
        if length == 1 and scheme in ("iobes", "bilou"):
            prefixes = ["S" if scheme == "iobes" else "U"]
        tags += [f"{prefix}-{kind}" for prefix in prefixes]
    return tags


def guesses(expected, known, prefixes):
    """Predictions of which `known` are right, the others random."""
    random_tag = lambda: random.choice(["O"] + [f"{prefix}-{kind}" for prefix in prefixes for kind in KINDS])
    return [[tag if random.random() < known else random_tag() for tag in tags] for tags in expected]


def entities(script, sentences, known, prefixes):
    """What conlleval prints about random tags. It knows no S, L or U, and starts no entity at a B behind an E of its type."""
    expected = [random_tags(prefixes) for _ in range(sentences)]
    predicted = guesses(expected, known, prefixes)
    blocks = ["".join(f"word {a} {b}\n" for a, b in zip(*pair)) for pair in zip(expected, predicted)]
    report = subprocess.run(["perl", script], input="\n".join(blocks), text=True, capture_output=True, check=True).stdout
    return {"expected": expected, "predicted": predicted, "report": report}


def by_default(tags):
    """The entities in seqeval's default mode, which reads BILOU only in IOBES' letters."""
    tags = [{"L": "E", "U": "S"}.get(tag[0], tag[0]) + tag[1:] for tag in tags]
    return {(kind, first, last + 1) for kind, first, last in get_entities(tags)}


def strictly(scheme):
    return lambda tags: {
        (entity.tag, entity.start, entity.end) for entity in seqeval.Tokens(tags, getattr(seqeval, scheme.upper())).entities
    }


def scores(found_in, expected, predicted):
    """How many entities of each type there are, were found, and were found rightly."""
    counts = {}
    for there, found in ((found_in(a), found_in(b)) for a, b in zip(expected, predicted)):
        for place, some in enumerate((there, found, there & found)):
            for kind, *_ in some:
                counts.setdefault(kind, [0, 0, 0])[place] += 1
    return counts


def schemes(scheme, case):
    """seqeval's counts in both modes. Its strict mode finds no IOE1 entity that begins with E, as it says itself, and of IOB1
    that is not well-formed it counts parts: there is nothing to compare with then."""
    is_well_formed = case < 3
    expected = [well_formed_tags(scheme) if is_well_formed else random_tags(PREFIXES[scheme]) for _ in range(6)]
    if is_well_formed:
        predicted = [tags if random.random() < 0.5 else (well_formed_tags(scheme) + ["O"] * 20)[: len(tags)] for tags in expected]
    else:
        predicted = guesses(expected, 0.7, PREFIXES[scheme])
    default = scores(by_default, expected, predicted)
    strict = scores(strictly(scheme), expected, predicted)
    if scheme == "ioe1" or (scheme == "iob1" and not is_well_formed):
        strict = None
    join = lambda sentences: [" ".join(tags) for tags in sentences]
    return {
        "scheme": scheme, "isWellFormed": is_well_formed, "expected": join(expected), "predicted": join(predicted),
        "default": default, "strict": strict,
    }


def main():
    random.seed(3)
    content = {
        "classes": [classes(count, size) for count, size in [(2, 50), (3, 7), (5, 200), (9, 12), (1, 4)]],
        "entities": [entities(sys.argv[1], 1 + case % 12, [0.5, 0.8, 0.95, 1][case % 4], ("BI", "IE")[case % 2]) for case in range(40)],
        "schemes": [schemes(scheme, case) for scheme in PREFIXES for case in range(6)],
    }
    (HERE / "metrics.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
