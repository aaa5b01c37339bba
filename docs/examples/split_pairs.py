"""Writes pairs of sources and targets as tables: NAME-train.tsv, and -validation.tsv and -test.tsv; the same ones each time.

    python3 docs/examples/split_pairs.py scan data/tasks_train_simple.txt data/tasks_test_simple.txt
    python3 docs/examples/split_pairs.py cmudict data/cmudict.dict
    python3 docs/examples/split_pairs.py fra data/fra.txt [--words 12]

SCAN has its own test. Of the others, a hash of the word or of the English sentence gives 90 % to the training, 5 % to the
validation and 5 % to the test, so that what a source has several targets for stays together. Files may end in .gz.
"""
import argparse
import gzip
import hashlib
import re

# Of an English or French sentence: an article or pronoun with its apostrophe, such as l', words, and marks.
TOKEN = re.compile(r"(?:\b[cdjlmnst]|qu)['’](?=\w)|\w+(?:['’-]\w+)*|[^\w\s]")


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        yield from file


def scan(files, options):
    """Commands and actions: the training pairs, and those of the test."""
    for part, path in zip(("train", "test"), files):
        for line in lines(path):
            source, target = line.removeprefix("IN: ").split(" OUT: ")
            yield part, source, target.strip()


def cmudict(files, options):
    """Letters and phonemes without stress, a pair for each pronunciation that differs."""
    for line in lines(files[0]):
        word, *phonemes = line.split("#")[0].split()
        word = re.sub(r"\(\d+\)$", "", word)
        yield part(word), " ".join(word), " ".join(phoneme.rstrip("012") for phoneme in phonemes)


def fra(files, options):
    """English and French sentences of few words, in lower case and with blanks between words."""
    for line in lines(files[0]):
        source, target = (TOKEN.findall(side.lower()) for side in line.split("\t")[:2])
        if max(len(source), len(target)) <= options.words:
            yield part(" ".join(source)), " ".join(source), " ".join(target)


def part(source):
    number = int.from_bytes(hashlib.md5(source.encode()).digest()[:4], "big") % 100
    return "train" if number < 90 else "validation" if number < 95 else "test"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=["scan", "cmudict", "fra"])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--words", type=int, default=12, help="largest number of words and marks of a sentence")
    options = parser.parse_args()
    parts = {}
    for name, source, target in globals()[options.set](options.files, options):
        # Each pair once.
        parts.setdefault(name, {})[f"{source}\t{target}\n"] = None
    for name, pairs in parts.items():
        path = f"{options.set}-{name}.tsv"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(pairs)
        print(f"{path}: {len(pairs):,} pairs")


if __name__ == "__main__":
    main()
