"""What is measured of whole processes: starting, memory, a busy core, long sequences."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
ROWS = STEPS = 50
BUSY = "lstm T50 B50 I128 H128 L2"


def sample_text(count):
    """The start of tiny Shakespeare, or made-up text where RECUR_DATA_DIR does not have it."""
    path = pathlib.Path(os.environ.get("RECUR_DATA_DIR", ""), "tinyshakespeare", "input.txt")
    text = path.read_text(encoding="utf-8") if path.is_file() else "The quick brown fox jumps over the lazy dog.\n"
    return (text * (count // len(text) + 1))[:count]


class Runs:
    """Runs of `recur` and of Python in a folder of their own."""

    def __init__(self, program, rounds, device="cpu", prefix=()):
        self.program, self.rounds, self.device, self.prefix = program, rounds, device, prefix
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="recur-compare-"))

    def measure(self):
        """Lines of a table: (what, Recur, peer, ratio)."""
        try:
            return [self.start(), self.memory(), self.busy_core(), self.long_sequences()]
        finally:
            shutil.rmtree(self.folder)

    def starts(self):
        """Seconds from the start of the process to the report of the first step: with an empty cache, and with a warm one."""
        try:
            cold = os.environ | {"RECUR_CACHE_DIR": str(self.folder / "cache")}
            first, *later = (seconds_to_first_line(self.train_command(1)[0], cold) for _ in range(self.rounds + 1))
            return first, statistics.median(later)
        finally:
            shutil.rmtree(self.folder)

    def train_command(self, steps):
        """`recur train text` for so many steps of the character model."""
        text = self.folder / f"{steps}.txt"
        text.write_text(sample_text(ROWS * STEPS * steps + 1), encoding="utf-8")
        model = tempfile.mkdtemp(dir=self.folder) + "/model"
        options = f"--epochs 1 --validation-fraction 0 --batch {ROWS} --sequence {STEPS} --device {self.device} --json"
        return [*self.prefix, self.program, "train", "text", "--data", str(text), "--model", model, *options.split()], text

    def start(self):
        """From the start of the process to the report of the first step, and `import torch` alone."""
        ours, theirs = [], []
        for _ in range(self.rounds):
            ours.append(seconds_to_first_line(self.train_command(1)[0]))
            theirs.append(seconds_to_first_line([sys.executable, "-c", "import torch; print()"]))
        own, peer = statistics.median(ours), statistics.median(theirs)
        work = "from process start to the end of the first training step; `import torch` alone"
        return work, f"{own * 1e3:.0f} ms", f"{peer * 1e3:.0f} ms", f"1/{peer / own:.1f}"

    def memory(self):
        """The largest resident memory of a training run of 40 steps."""
        command, text = self.train_command(40)
        own = peak_megabytes(command)
        peer = peak_megabytes([sys.executable, HERE / "torch_peer.py", text])
        work = "peak memory of the character model's training run, 40 steps; the same in PyTorch"
        return work, f"{own:.0f} MB", f"{peer:.0f} MB", f"{own / peer:.2f}"

    def busy_core(self):
        """A training step while another process keeps one of the cores busy."""
        quiet, busy = [], []
        for _ in range(self.rounds):
            quiet.append(self.training(BUSY)[BUSY])
            spinner = subprocess.Popen(["taskset", "-c", "0", sys.executable, "-c", "while True: pass"])
            try:
                busy.append(self.training(BUSY)[BUSY])
            finally:
                spinner.kill()
                spinner.wait()
        quiet, busy = statistics.median(quiet), statistics.median(busy)
        work = f"{BUSY} training with another process busy on one core; quiet"
        return work, f"{busy:.1f} ms", f"{quiet:.1f} ms", f"{busy / quiet:.2f}"

    def long_sequences(self):
        """How the time grows with the steps."""
        short, long = self.training("long", self.rounds).values()
        work = "LSTM B32 I128 H128 training, T 10,000; T 1,000"
        return work, f"{long:.0f} ms", f"{short:.1f} ms", f"{long / short:.2f}"

    def training(self, only, rounds=1):
        """{name: milliseconds of a training step}, in the order of the works."""
        command = [self.program, "bench", "--device", "cpu", "--json", "--rounds", str(rounds), "--only", only]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        return {m["name"]: m["milliseconds"] for m in map(json.loads, lines) if m["part"] == "training"}


def seconds_to_first_line(command, environment=None):
    """From starting a process to its first line."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        process.stdout.read()
    if not line or process.returncode:
        sys.exit(f"compare.py: {' '.join(map(str, command))} failed")
    return seconds


def peak_megabytes(command):
    """The largest resident memory of a process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"compare.py: {' '.join(map(str, command))} failed")
    return usage.ru_maxrss / 1024
