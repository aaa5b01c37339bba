"""Parallel lines as `recur train translate` reads them: the tokens of its vocabularies, and its batches of an epoch."""
import gzip
import json
import pathlib

import numpy
import regex

# Runs of letters and digits, with the apostrophes and hyphens within; other marks alone.
WORD = regex.compile(r"[\p{L}\p{N}\p{M}_]+(?:['’-][\p{L}\p{N}\p{M}_]+)*|[^\s\p{L}\p{N}\p{M}_]")
POOL = 100  # batches whose pairs are sorted together


def lines(path):
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


def words(line):
    """The words and marks of a line in lower case."""
    return WORD.findall(line.lower())


class Vocabulary:
    """The tokens of one side; the boundary, which ends a sequence, is behind them."""

    def __init__(self, path):
        file = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.symbols, self.unknown = file["symbols"], file["unknown"]
        self.numbers = {symbol: number for number, symbol in enumerate(self.symbols)}
        self.boundary = len(self.symbols)

    def encode(self, line):
        return [self.numbers.get(word, self.unknown) for word in words(line)]

    def decode(self, tokens):
        return " ".join(self.symbols[token] for token in tokens)


class Buckets:
    """Batches of pairs of similar length, the same as those of `LengthBuckets`."""

    def __init__(self, sources, targets, batch, seed):
        self.lengths = [(len(source), len(target)) for source, target in zip(sources, targets)]
        self.batch, self.seed = batch, seed

    def epoch(self, number):
        """The indices of each batch of an epoch, from 0."""
        random = Random(self.seed, 1 << 31 | number)
        count = len(self.lengths)
        batches = -(-count // self.batch)
        order, pool = random.permutation(count), min(POOL, max(1, batches // 4)) * self.batch
        pools = (sorted(order[start : start + pool], key=self.lengths.__getitem__) for start in range(0, count, pool))
        pieces = [some[start : start + self.batch] for some in pools for start in range(0, len(some), self.batch)]
        return [pieces[place] for place in random.permutation(len(pieces))]


class Random:
    """A stream of Philox 4×32-10 (Salmon et al. 2011)."""

    def __init__(self, seed, stream):
        self.seed, self.stream, self.drawn = seed, stream, 0

    def uniform(self, count):
        """The next numbers in `0 ..< 1`."""
        first, last = self.drawn // 4, (self.drawn + count + 3) // 4
        words = philox(self.seed, numpy.arange(first, last, dtype=numpy.uint64), self.stream)
        start = self.drawn - 4 * first
        self.drawn += count
        return words[start : start + count] * 2.0**-32

    def permutation(self, count):
        order = list(range(count))
        for last, number in zip(range(count - 1, 0, -1), self.uniform(max(count - 1, 0)).tolist()):
            other = int(number * (last + 1))
            order[last], order[other] = order[other], order[last]
        return order


def philox(seed, counters, stream):
    """Four words for each counter, one after the other."""
    mask, half = numpy.uint64(0xFFFFFFFF), numpy.uint64(32)
    low, high = seed & 0xFFFFFFFF, seed >> 32
    x, y = counters & mask, counters >> half
    z, w = numpy.full_like(counters, stream), numpy.full_like(counters, 0xFFFFFFFF)
    for _ in range(10):
        a, b = x * numpy.uint64(0xD2511F53), z * numpy.uint64(0xCD9E8D57)
        x, y, z, w = (b >> half) ^ y ^ numpy.uint64(low), b & mask, (a >> half) ^ w ^ numpy.uint64(high), a & mask
        low, high = (low + 0x9E3779B9) & 0xFFFFFFFF, (high + 0xBB67AE85) & 0xFFFFFFFF
    return numpy.stack([x, y, z, w], 1).ravel()
