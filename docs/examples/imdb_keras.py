"""The first model of many courses in Keras: the same words, network, optimizer and epochs as `recur train classify` in imdb.md.

Prints each seed's accuracy on the test reviews after the last epoch, and the seconds of the epochs without their first step,
in which Keras compiles the network.
"""
import argparse
import gzip
import math
import os
import re
import time
from collections import Counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="data/imdb/train.tsv.gz")
    parser.add_argument("--test", default="data/imdb/test.tsv.gz")
    parser.add_argument("--schedule", choices=("constant", "cosine"), default="constant")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    return parser.parse_args()


def reviews(path):
    """The words of each review, in lower case and without marks, and the labels."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [line.rstrip("\r\n").split("\t") for line in file]
    words = [re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", row[3].lower()) for row in rows]
    return words, numpy.array([int(row[0]) for row in rows], "float32")


def numbers(texts, places):
    """The last 100 words' places in the vocabulary: 0 fills the start, 1 is any other word."""
    return keras.utils.pad_sequences([[places.get(word, 1) for word in words[-100:]] for words in texts], maxlen=100)


class FirstStep(keras.callbacks.Callback):
    """When the first step ended."""

    end = None

    def on_train_batch_end(self, batch, logs=None):
        self.end = self.end or time.perf_counter()


def main():
    options = arguments()
    (train, labels), (test, test_labels) = reviews(options.data), reviews(options.test)
    counts = Counter(word for words in train for word in words)
    places = {word: place + 2 for place, (word, _) in enumerate(counts.most_common(9998))}
    x, test_x = numbers(train, places), numbers(test, places)
    accuracies = []
    for seed in options.seeds:
        keras.utils.set_random_seed(seed)
        model = keras.Sequential(
            [
                keras.Input((100,)),
                keras.layers.Embedding(10000, 2),
                keras.layers.SimpleRNN(32),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        rate = 0.001
        if options.schedule == "cosine":
            rate = keras.optimizers.schedules.CosineDecay(rate, 5 * math.ceil(len(x) / 32))
        model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
        compiled = FirstStep()
        model.fit(x, labels, batch_size=32, epochs=5, verbose=0, callbacks=[compiled])
        seconds = time.perf_counter() - compiled.end
        accuracies.append(model.evaluate(test_x, test_labels, batch_size=500, verbose=0)[1])
        print(f"seed {seed}: {model.count_params()} parameters, accuracy {accuracies[-1]:.4f}, {seconds:.1f} s", flush=True)
    print(f"mean {numpy.mean(accuracies):.4f}")


main()
