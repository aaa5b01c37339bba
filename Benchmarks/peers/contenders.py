"""Who is compared: Recur on a device or at an instruction set, and the peers."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
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
        self.command = [program, "bench", "--json", "--rounds", "1", "--device", device]
        self.environment = os.environ | ({"RECUR_CPU_LEVEL": level} if level else {})

    def measure(self, family, works, small):
        """{work: measurement}; finds out itself which works there are."""
        command = self.command + ["--only", family] + (["--small"] if small else [])
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=self.environment).stdout
        measurements = [json.loads(line) for line in output.splitlines()]
        return {(m["name"], m["part"]): m for m in measurements}

    def close(self):
        pass


class Peer:
    """Processes that stay and answer what a work takes them; the fastest counts."""

    def __init__(self, name, programs, tuned=False):
        self.name = name
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

    def ask(self, process, name, part, seconds):
        """Milliseconds, or None where it does no such work."""
        process.stdin.write(json.dumps({"name": name, "part": part, "seconds": seconds}) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            sys.exit(f"compare.py: {self.name} ended at {name} {part}; run {process.args[1]} by hand to see why")
        return json.loads(answer)["milliseconds"]

    def measure(self, family, works, small):
        """{work: measurement} of those that it does."""
        measurements = {}
        for name, part in works:
            times = [self.ask(process, name, part, 0 if small else 0.15) for process in self.processes]
            if times[0] is not None:
                measurements[name, part] = {"milliseconds": min(times)}
        return measurements

    def close(self):
        for process in self.processes:
            process.stdin.close()
            process.wait()


def peers():
    """Those that are installed beside this Python: a process whose imports fail ends at once."""
    all_peers = [
        Peer("PyTorch", [["torch_peer.py"]]),
        Peer("PyTorch tuned", [["torch_peer.py"]], tuned=True),
        Peer("Keras", [["keras_peer.py", "1"], ["keras_peer.py", "2"]]),
        Peer("Keras XLA", [["keras_peer.py", "1", "xla"], ["keras_peer.py", "2", "xla"]]),
        Peer("onnxruntime", [["onnx_peer.py"]]),
    ]
    return [peer for peer in all_peers if peer.version]
