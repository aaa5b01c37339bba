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
    """`recur bench`, a process a turn. `target` is a device, or `cpu:LEVEL`; `prefix` a command that runs it."""

    def __init__(self, program, target="cpu", name=None, prefix=()):
        device, _, level = target.partition(":") if target.startswith("cpu") else (target, "", "")
        self.name = name or ("Recur" if target == "cpu" else f"Recur {level or target}")
        self.command, self.options = [*prefix, program, "bench"], ["--device", device, "--rounds", "3", "--json"]
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
        command = [*self.command, *options]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=self.environment)
        return run.stdout.splitlines()


class Peer:
    """Processes that stay and answer what a part of a work takes them; the fastest counts."""

    def __init__(self, name, parts, commands, tuned=False):
        """`parts` says which it does: {family: [part, …]}."""
        self.name, self.parts = name, parts
        environment = os.environ | (TUNED if tuned else {})
        self.processes = [
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=environment,
            )
            for command in commands
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
        process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name} ended at {work}, {part}; run {process.args} by hand to see why")
        return json.loads(answer)["milliseconds"]

    def close(self):
        for process in self.processes:
            process.stdin.close()
            process.wait()


def python(program, *options):
    """The command of a program beside this one."""
    return [sys.executable, HERE / program, *options]


def pytorch(name="PyTorch", tuned=False):
    both = ["forward", "training"]
    parts = {"elman": both, "lstm": both, "gru": both}
    parts |= {"character": ["training"], "notebook": ["training"], "translator": ["training"], "generate": ["character"]}
    return Peer(name, parts, [python("torch_peer.py")], tuned)


def peers():
    """Those that are installed beside this Python: a process whose imports fail ends at once."""
    keras, threads = {"notebook": ["training"]}, ("1", "2")
    all_peers = [
        pytorch(),
        pytorch("PyTorch tuned", tuned=True),
        Peer("Keras", keras, [python("keras_peer.py", number) for number in threads]),
        Peer("Keras XLA", keras, [python("keras_peer.py", number, "xla") for number in threads]),
        Peer("onnxruntime", {"lstm": ["forward"]}, [python("onnx_peer.py")]),
    ]
    return [peer for peer in all_peers if peer.version]
