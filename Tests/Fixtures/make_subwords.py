"""Writes the merges and subwords of subword-nmt that the tests compare with. See README.md beside this file.

Run: python make_subwords.py   (subword-nmt 0.3.8)
"""

import io
import json
import pathlib
import random

from subword_nmt import apply_bpe, learn_bpe

HERE = pathlib.Path(__file__).parent
SYLLABLES = ["a", "ab", "ber", "cha", "e", "ing", "le", "mo", "ße", "ти", "ка", "ώρα", "日本", "語", "e\u0301", "é", "👩\u200d🚀", "\u00a0!"]


def lines():
    """Lines of frequent and rare words of several scripts, some with repetitions and symbols of the format itself."""
    words = ["".join(random.choice(SYLLABLES) for _ in range(random.randint(1, 4))) for _ in range(120)]
    words += ["aaaa", "aaaaaa", "ababab", "a</w>", "<</w>", "x\\1", "\\\\", "(?x)", "a.b*", "@@", "a@@b", "word-like"]
    frequencies = [1 / (rank + 1) for rank in range(len(words))]
    random.shuffle(frequencies)
    return [" ".join(random.choices(words, frequencies, k=random.randint(3, 12))) for _ in range(60)]


def segments(text, merges, vocabulary=None):
    encoding = apply_bpe.BPE(io.StringIO(merges), vocab=vocabulary)
    return [encoding.process_line(line) for line in text]


def main():
    random.seed(22)
    text = lines()
    learned = {}
    for name, count, least in (("some", 60, 2), ("all", 1000, 1)):
        merges = io.StringIO()
        learn_bpe.learn_bpe(io.StringIO("\n".join(text)), merges, count, min_frequency=least)
        learned[name] = merges.getvalue()
    subwords = segments(text, learned["some"])
    vocabulary = sorted(set(random.sample(sorted({word for line in subwords for word in line.split(" ")}), 60)))
    fixture = {
        "lines": text, "some": learned["some"], "all": learned["all"], "subwords": subwords, "vocabulary": vocabulary,
        "restricted": segments(text, learned["some"], set(vocabulary)),
    }
    (HERE / "subwords.json").write_text(json.dumps(fixture, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


main()
