"""PyTorch at the work of `recur bench`, on its GPU if it has one, else on the processor. Run by gpu.sh:

    torch_gpu.py float32|tf32 <WORKS     one work a line, as `recur bench --list` prints them

Prints a line of JSON for each part, as `recur bench --json` does, and measures as it does: the median of rounds of many runs
each, waited for at the end, after some that are not counted.
"""
import json
import statistics
import sys
import time

import torch
from torch_peer import MAKERS
from worker import sizes

ROUNDS, SECONDS = 5, 0.05
PARTS = {"matmul": ["product"], "character": ["training"], "notebook": ["training"]}


def milliseconds(step):
    """The median of the rounds, and the fastest."""

    def mean(count):
        start = time.perf_counter()
        for _ in range(count):
            step()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return (time.perf_counter() - start) / count * 1e3

    once = min(mean(1) for _ in range(3))
    count = max(1, int(SECONDS * 1e3 / once))
    times = [mean(count) for _ in range(ROUNDS)]
    return statistics.median(times), min(times)


def main():
    precision, failed = sys.argv[1], False
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    device = "cpu"
    if torch.cuda.is_available():
        torch.set_default_device("cuda")
        device = f"{torch.cuda.get_device_name()}, cuDNN {torch.backends.cudnn.version()}"
    elif precision == "tf32":
        sys.exit("PyTorch has no GPU here, and TF32 is a GPU's")
    for work in map(str.strip, sys.stdin):
        family = work.split()[0]
        for part in PARTS.get(family, ["forward", "training"]):
            if torch.cuda.is_available():
                torch.cuda.reset_peak_memory_stats()
            try:
                median, fastest = milliseconds(MAKERS[family](sizes(work), part))
            except RuntimeError as error:  # too little memory is no reason not to time the others
                print(f"{work} {part}: {error}", file=sys.stderr)
                failed = True
                continue
            measurement = {"device": f"PyTorch {torch.__version__} on {device}", "name": work, "part": part}
            measurement |= {"precision": precision, "milliseconds": median, "fastest": fastest}
            if torch.cuda.is_available():
                measurement["peak_bytes"] = torch.cuda.max_memory_allocated()
            print(json.dumps(measurement, ensure_ascii=False, separators=(",", ":")), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
