"""What the peers' programs share: answering compare.py, and timing a step.

A peer is a process that stays, so that its imports are paid once. It writes a line of JSON with its version, then answers
each line {"work", "part", "seconds"} with {"milliseconds"}.
"""
import json
import os
import re
import sys
import time


def serve(version, milliseconds):
    """Answers until standard input ends. `milliseconds(work, part, seconds)` does the work."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    print(json.dumps({"version": version}), file=channel, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = milliseconds(request["work"], request["part"], request["seconds"])
        print(json.dumps({"milliseconds": answer}), file=channel, flush=True)


def mean_milliseconds(step, seconds):
    """The mean time of a step, over `seconds` or two steps, after two that are not counted."""
    step()
    step()
    count, start = 0, time.perf_counter()
    while count < 2 or time.perf_counter() - start < seconds:
        step()
        count += 1
    return (time.perf_counter() - start) / count * 1e3


def sizes(work):
    """{"T": 50, "B": 50, …} of a work as `recur bench` prints it, or {"M": 1, …} of a product; one layer where it says nothing."""
    product = re.search(r"(\d+)×(\d+)×(\d+)", work)
    if product:
        return dict(zip("MNK", map(int, product.groups())))
    return {"L": 1} | {key: int(value) for key, value in re.findall(r"\b([TBIHLV])(\d+)\b", work)}
