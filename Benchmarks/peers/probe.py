"""Finds out whether the machine has both its cores: two processes count together for 50 ms, and one alone.

A virtual machine sometimes runs both its cores on one of the host's; then two together count no further than one.
"""
import subprocess
import sys
import time

SECONDS = 0.05
ENOUGH = 1.8


class Probe:
    """Two counting processes, which sleep until they are asked."""

    def __init__(self):
        self.counters = [
            subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]

    def has_both_cores(self):
        """Whether two together reach at least 1.8 times the count of one."""
        alone = self.count(self.counters[:1])
        return self.count(self.counters) >= ENOUGH * alone

    def count(self, counters):
        for counter in counters:
            counter.stdin.write("\n")
            counter.stdin.flush()
        return sum(int(counter.stdout.readline()) for counter in counters)

    def close(self):
        for counter in self.counters:
            counter.stdin.close()
            counter.wait()


def count():
    """How far this process counts in the time."""
    number, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        number += 1
    return number


if __name__ == "__main__":
    for _ in sys.stdin:
        print(count(), flush=True)
