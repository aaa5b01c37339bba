"""Who is compared: Recur on a device or at an instruction set, and the peers."""
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
# The peers' threads go on spinning for a while when their work is done: 0.2 s by Intel's OpenMP.
PAUSE = 0.4
# glibc gives freed memory back and takes it page by page again; a large enough threshold keeps it.
TUNED = {
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(4 << 30),
    "MALLOC_TOP_PAD_": str(64 << 20),
}


class Recur:
    """`recur bench`, a process a turn. `target` is a device, or `cpu:LEVEL`."""

    def __init__(self, program, target="cpu"):
        device, _, level = target.partition(":") if target.startswith("cpu") else (target, "", "")
        self.name = "Recur" if target == "cpu" else f"Recur {level or target}"
        self.program, self.options = program, ["--device", device, "--rounds", "3", "--json"]
        self.environment = os.environ | ({"RECUR_CPU_LEVEL": level} if level else {})

    def works(self, names, small):
        """The works of families."""
        return self.bench("--list", "--only", names, *["--small"] * small)

    def takes(self, work):
        return True

    def measure(self, work, small):
        """{part: measurement}, each with its milliseconds."""
        time.sleep(PAUSE)
        lines = self.bench("--only", work, *self.options, *["--small"] * small)
        return {measurement["part"]: measurement for measurement in map(json.loads, lines)}

    def bench(self, *options):
        command = [self.program, "bench", *options]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=self.environment)
        return run.stdout.splitlines()


class Peer:
    """Processes that stay and answer what a part of a work takes them; the fastest counts."""

    def __init__(self, name, parts, programs, tuned=False):
        """`parts` says which it does: {family: [part, …]}."""
        self.name, self.parts = name, parts
        environment = os.environ | (TUNED if tuned else {})
        self.processes = [
            subprocess.Popen(
                [sys.executable, HERE / program[0], *program[1:]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=environment,
            )
            for program in programs
        ]
        hellos = [process.stdout.readline() for process in self.processes]
        self.version = json.loads(hellos[0])["version"] if all(hellos) else None

    def takes(self, work):
        return work.split()[0] in self.parts

    def measure(self, work, small):
        """{part: measurement}."""
        return {
            part: {"milliseconds": min(self.ask(process, work, part, small) for process in self.processes)}
            for part in self.parts[work.split()[0]]
        }

    def ask(self, process, work, part, small):
        """What one process takes."""
        request = {"work": work, "part": part, "seconds": 0 if small else 0.15}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            sys.exit(f"compare.py: {self.name} ended at {work}, {part}; run {process.args[1]} by hand to see why")
        return json.loads(answer)["milliseconds"]

    def close(self):
        for process in self.processes:
            process.stdin.close()
            process.wait()


def peers():
    """Those that are installed beside this Python: a process whose imports fail ends at once."""
    both = ["forward", "training"]
    torch = {"elman": both, "lstm": both, "gru": both}
    torch |= {"character": ["training"], "notebook": ["training"], "generate": ["character"]}
    keras = {"notebook": ["training"]}
    all_peers = [
        Peer("PyTorch", torch, [["torch_peer.py"]]),
        Peer("PyTorch tuned", torch, [["torch_peer.py"]], tuned=True),
        Peer("Keras", keras, [["keras_peer.py", "1"], ["keras_peer.py", "2"]]),
        Peer("Keras XLA", keras, [["keras_peer.py", "1", "xla"], ["keras_peer.py", "2", "xla"]]),
        Peer("onnxruntime", {"lstm": ["forward"]}, [["onnx_peer.py"]]),
    ]
    return [peer for peer in all_peers if peer.version]
