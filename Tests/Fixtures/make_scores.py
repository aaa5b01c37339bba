"""Writes the scores of texts by sacrebleu, and edit distances, that the tests compare with. See README.md beside this file.

Run: python make_scores.py   (sacrebleu 2.6.0, rapidfuzz 3.14.6)
"""

import json
import pathlib
import random

from rapidfuzz.distance import Levenshtein
from sacrebleu.metrics import BLEU, CHRF

HERE = pathlib.Path(__file__).parent
SENTENCES = [
    "The quick brown fox jumps over the lazy dog, and then it sleeps.", "Don't pay $1,234.50 for 10% of it (or 3-4 %)!",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.", "Er sagte: „Das ist ja toll!“ – und ging.",
    "Portez ce vieux whisky au juge blond qui fume…", "The U.S. team won 3-2 in the 90th minute; nobody cheered.",
    "日本語の文には空白がありません。", "Ο ΓΡΉΓΟΡΟΣ ΔΡΌΜΟΣ είναι μακρύς.", "A state-of-the-art e-mail client, e.g. for Unix.",
    "x = a[i] + b{j} * c/d ^ 2 ~ 5 & 6 | 7", "It is what it is: it is what it is.", "One word",
]
JUNK = [
    "...", "1,000.5", "3-4", "x-", "-y", "(hi)", "'tis", "&quot;", "&amp;lt;", "<skipped>", "№5", "a,b", ",1", "1,", ".5", "5.", "--",
    "»q«", "é", "e\u0301", "\u00a0", "\u2028", "\x1c", "\x85", "\u200b", "👍🏽", "İSTANBUL", "ﬁ", "..,,..", "ẞ", "-\nx", "\u0600@",
]


def noisy(sentence, amount):
    """A sentence with words left out, exchanged, in capitals, and with junk within and between them."""
    words = []
    for word in sentence.split(" "):
        draw = random.random() / amount
        if draw < 0.35:
            continue
        if draw < 0.5:
            words.append(random.choice(JUNK))
        elif draw < 0.6:
            word = word.upper()
        elif draw < 0.7:
            word += random.choice(JUNK)
        words.append(word)
    for place in range(len(words) - 1):
        if random.random() < 0.2 * amount:
            words[place], words[place + 1] = words[place + 1], words[place]
    sentence = " ".join(words)
    return random.choices([sentence, "", f"  {sentence} \t "], [1, 0.1 * amount, 0.1 * amount])[0]


def scores(translations, references, lowercase):
    width = max(len(all) for all in references)
    streams = [[all[place] if place < len(all) else None for all in references] for place in range(width)]
    metrics = [BLEU(lowercase=lowercase, tokenize=tokenize) for tokenize in ("13a", "char", "none")]
    metrics += [BLEU(lowercase=lowercase, smooth_method="none")]
    metrics += [CHRF(lowercase=lowercase, word_order=order) for order in (0, 2)]
    results = []
    for metric in metrics:
        score = metric.corpus_score(translations, streams)
        signature = str(metric.get_signature()).rsplit("|version", 1)[0]
        results.append({"signature": signature, "score": score.score, "text": str(score)})
    return results


def words(sentence, lowercase):
    return (sentence.lower() if lowercase else sentence).split()


def edits(translations, references, lowercase):
    """Edits and words of the references with the fewest edits, and exact matches."""
    counts = [0, 0, 0]
    for translation, all in zip(translations, references):
        own, others = words(translation, lowercase), [words(reference, lowercase) for reference in all]
        best = min((Levenshtein.distance(own, other), -len(other)) for other in others)
        counts = [counts[0] + best[0], counts[1] - best[1], counts[2] + (own in others)]
    return counts


def corpus(sentences, amount, most):
    translations = [noisy(sentence, amount) for sentence in sentences]
    references = [[sentence] + [noisy(sentence, 0.3) for _ in range(random.randint(0, most))] for sentence in sentences]
    return {
        "translations": translations, "references": references,
        "cases": [
            {
                "lowercase": lowercase, "scores": scores(translations, references, lowercase),
                "edits": edits(translations, references, lowercase),
            }
            for lowercase in (False, True)
        ],
    }


def main():
    random.seed(22)
    corpora = [corpus(SENTENCES * 2, 0.2, 0), corpus(SENTENCES * 2, 0.6, 0), corpus(SENTENCES, 0.4, 2)]
    # Without matches of long n-grams, without long n-grams, and without translations.
    corpora += [corpus(SENTENCES[:3], 1, 0), corpus(["a b", "c", "a b c"], 0.2, 1)]
    corpora += [corpus(SENTENCES[:2], 1e9, 0), corpus(["", ""], 0.1, 0)]
    (HERE / "scores.json").write_text(json.dumps(corpora, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


main()
