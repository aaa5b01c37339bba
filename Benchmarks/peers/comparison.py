"""Contenders that take turns, while the machine has both its cores."""
import sys
import time

from report import Samples

TRIES = 4


class Comparison:
    """Rounds of turns, and what they measured."""

    def __init__(self, probe, small, minutes):
        self.probe, self.small = probe, small
        self.start, self.seconds = time.perf_counter(), minutes * 60
        self.samples = Samples()
        self.turns = self.repeated = self.dropped = 0
        self.has_both_cores = True
        self.look(0.1)

    def rounds(self, count, works, contenders):
        """`contenders(number)` take part in a round; after the time no work is begun."""
        for number in range(count):
            if self.is_over():
                return
            self.round(works, contenders(number))
            print(f"round {number + 1} of {count}: {self.notes()}", file=sys.stderr)

    def round(self, works, contenders):
        """At each work, a turn of each contender that does such work, until the time is over."""
        for work in works:
            if self.is_over():
                return
            for contender in contenders:
                if contender.takes(work):
                    self.samples.add(contender.name, work, self.turn(contender, work))

    def is_over(self):
        return time.perf_counter() - self.start > self.seconds

    def turn(self, contender, work):
        """What a turn measured while the machine had both its cores, or nothing."""
        for attempt in range(TRIES):
            if not self.has_both_cores:
                self.look(0.1, 0.5, 1)
            before = self.has_both_cores
            measurements = contender.measure(work, self.small)
            self.turns += 1
            self.repeated += attempt > 0
            self.look(0.1)
            if before and self.has_both_cores:
                return measurements
        self.dropped += 1
        return {}

    def look(self, *pauses):
        """Sees whether the machine has both its cores: after each pause, in which threads may also fall asleep."""
        for pause in pauses if self.probe else ():
            time.sleep(pause)
            self.has_both_cores = self.probe.has_both_cores()
            if self.has_both_cores:
                return

    def notes(self):
        if not self.probe:
            return "A quick try that did not look for lost cores: the numbers mean little."
        return (
            f"Of {self.turns} turns {self.repeated} were repeats, because the machine lacked a core before or after the first; "
            f"{self.dropped} had no good repeat in {TRIES} and are left out. The turns took "
            f"{(time.perf_counter() - self.start) / 60:.1f} minutes."
        )
