"""Writes the scores of scikit-learn and conlleval that the tests compare with. See README.md beside this file.

Run: python make_metrics.py conlleval.pl   (scikit-learn 1.9.1; the script of the CoNLL shared tasks, version 2004-01-26)
"""

import json
import pathlib
import random
import subprocess
import sys

from sklearn import metrics

HERE = pathlib.Path(__file__).parent
TAGS = ["O", "O", "O"] + [f"{part}-{kind}" for part in ("B", "I", "I", "E") for kind in ("PER", "LOC", "corp-x")]


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


def entities(script, sentences, known):
    """What conlleval prints about random tags, most of which are no good BIO, and guesses of which `known` are right."""
    expected = [[random.choice(TAGS) for _ in range(random.randint(1, 9))] for _ in range(sentences)]
    predicted = [[tag if random.random() < known else random.choice(TAGS) for tag in tags] for tags in expected]
    blocks = ["".join(f"word {a} {b}\n" for a, b in zip(*pair)) for pair in zip(expected, predicted)]
    report = subprocess.run(["perl", script], input="\n".join(blocks), text=True, capture_output=True, check=True).stdout
    return {"expected": expected, "predicted": predicted, "report": report}


def main():
    random.seed(3)
    content = {
        "classes": [classes(count, size) for count, size in [(2, 50), (3, 7), (5, 200), (9, 12), (1, 4)]],
        "entities": [entities(sys.argv[1], 1 + case % 12, [0.5, 0.8, 0.95, 1][case % 4]) for case in range(60)],
    }
    (HERE / "metrics.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
