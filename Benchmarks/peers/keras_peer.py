"""Keras on TensorFlow at the notebook's training step. Run by compare.py: keras_peer.py THREADS [xla]

The faster of `train_on_batch` and of `fit` over a prepared pipeline; with `xla`, compiled with jit_compile=True, which is
not what Keras does of itself here.
"""
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy
import tensorflow
from worker import mean_milliseconds, serve, sizes

WORDS = 10_000
THREADS, XLA = int(sys.argv[1]), "xla" in sys.argv[2:]
trainers = {}


def trainer(work):
    """The model, compiled, its batch and the same batch as a pipeline without end; made once."""
    if work in trainers:
        return trainers[work]
    size = sizes(work)
    model = keras.Sequential(
        [
            keras.layers.Embedding(WORDS, 2),
            keras.layers.SimpleRNN(size["H"]),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", jit_compile=True if XLA else "auto")
    words = numpy.random.randint(0, WORDS, (size["B"], size["T"]))
    labels = (numpy.arange(size["B"]) % 2).astype("float32")[:, None]
    pipeline = tensorflow.data.Dataset.from_tensors((words, labels)).cache().repeat().prefetch(2)
    model.fit(pipeline, steps_per_epoch=2, verbose=0)
    trainers[work] = model, (words, labels), pipeline
    return trainers[work]


def milliseconds(work, part, seconds):
    """The better of both ways to train."""
    model, batch, pipeline = trainer(work)
    by_batch = mean_milliseconds(lambda: model.train_on_batch(*batch), seconds)
    steps = max(2, round(2 * seconds * 1e3 / by_batch))  # long enough for what an epoch costs once to count little
    start = time.perf_counter()
    model.fit(pipeline, steps_per_epoch=steps, verbose=0)
    return min(by_batch, (time.perf_counter() - start) / steps * 1e3)


if __name__ == "__main__":
    tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
    tensorflow.config.threading.set_inter_op_parallelism_threads(THREADS)
    serve(f"Keras {keras.__version__} on TensorFlow {tensorflow.__version__}", milliseconds)
