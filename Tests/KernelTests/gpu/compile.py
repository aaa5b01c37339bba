#!/usr/bin/env python3
"""Compiles the OpenCL kernels for GPUs that are not here, and fails where a kernel exceeds its limits.

The programs, with the options that the host passes for each device, come from `gpu-programs`; the compilers are those of the
drivers, or what drivers build on: LLVM for AMD, LLVM's NVPTX and then ptxas for NVIDIA, IGC through ocloc for Intel. They are
downloaded once and unpacked, not installed, in $RECUR_GPU_COMPILERS or .build/gpu-compilers (800 MB).

  compile.py GPU-PROGRAMS [--quick] [--targets gfx90a,sm_90] [--programs REGEX] [--table FILE]

GPU-PROGRAMS is that executable; --quick compiles what an untuned device launches, for three targets; --table also writes the
registers, spills and memory of each kernel to a file. Exits with 1 if a kernel is over a limit or does not compile, if nothing
was compiled, or if one of the patterns below matches nothing.
"""

import argparse
import concurrent.futures
import doctest
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[3]


# MARK: Devices


@dataclass
class Target:
    """A device: its compiler's name, and the properties that its driver reports."""

    name: str
    vendor: str
    units: int
    group: int  # the largest work-group
    local: int  # bytes of local memory
    lanes: int  # of a wavefront or warp
    barrier: str  # the language and form of the barrier across work-groups
    registers: int  # of a core, of 4 bytes
    step: int  # the multiple of registers that a work-item gets
    cores: str = ""  # tensor-cores, where it has them
    arch: str = ""  # for the compiler, where it differs


AMD_BARRIER, INTEL_BARRIER = "CL2.0 -DGRID_BARRIER=1", "CL3.0 -DGRID_BARRIER=1"
NVIDIA_BARRIER = "CL1.2 -DGRID_BARRIER=3"
TARGETS = [
    Target("gfx1100", "amd", 48, 256, 65536, 32, AMD_BARRIER, 196608, 24, arch="11000"),  # RX 7900 XTX
    Target("gfx90a", "amd", 104, 256, 65536, 64, AMD_BARRIER, 131072, 8, arch="9010"),  # MI210
    Target("gfx942", "amd", 304, 256, 65536, 64, AMD_BARRIER, 131072, 8, arch="9402"),  # MI300X
    Target("sm_70", "nvidia", 80, 1024, 49152, 32, NVIDIA_BARRIER, 65536, 8),  # V100
    Target("sm_90", "nvidia", 132, 1024, 49152, 32, NVIDIA_BARRIER, 65536, 8, "tensor-cores"),  # H100, H200
    Target("acm-g10", "intel", 512, 1024, 65536, 0, INTEL_BARRIER, 131072, 1),  # Arc A770
    Target("tgllp", "intel", 96, 512, 65536, 0, INTEL_BARRIER, 114688, 1),  # Iris Xe
]
QUICK_TARGETS = ["gfx90a", "sm_90", "acm-g10"]
# The first tiles, and the cells at the sizes of most models.
QUICK_PROGRAMS = [
    r"step 2×2 by 16×8", r"persistent H512 N64", r"matmul 4×2", r"warp \w+ ·ᵀ k 512 2×4 by 2×2",
    r"warp \w+ ·ᵀ k 512 2×2 by 4×2", r"^[a-z]+$", r"probe",
]


# MARK: Limits


@dataclass
class Kernel:
    """What a compiler says of a kernel, in bytes except for registers."""

    target: str
    program: str
    name: str
    registers: int
    spills: int
    private: int
    local: int
    lanes: int = 1  # the work-items that share a register
    width: int = 1  # the values of 4 bytes in a register
    note: str = ""
    faults: list = field(default_factory=list)


# The most private memory of a work-item, by kernel; the first that matches. Sums must be in registers; where Intel's compilers run
# short of them, they leave small arrays of a persistent launch in memory.
MOST_PRIVATE = [
    (r"", r"matmul", 0),
    (r"acm|tgl", r"lstm|gru|elman", 256),
    (r"", r"lstm|gru|elman", 0),
    (r"", r"", 512),
]
# The plans of these ask for the device's local memory; all others must run where it is 32 KB.
CHECKED_LOCAL = r"^(persistent|warp)"
MOST_LOCAL = 32768

# (target, program, kernel, limit, most, reason): known, and why they may stay.
EXCEPTIONS = [
    ("tgl", "^persistent", "Forward", "spills", 2048, "its private memory, which this compiler counts with spills"),
    ("sm_", "", "lstm|gru|elman|matmul$", "spills", 400, "ptxas keeps a group of 256 at 128 registers, so that two of them "
     "fit: with .minnctapersm 1, which OpenCL C cannot say, it takes 223 and spills none"),
]


def is_excepted(kernel, limit, value, used):
    """Whether a kernel may exceed a limit so far; adds the exceptions that say so to `used`."""
    matching = {
        place for place, (target, program, name, of, most, _) in enumerate(EXCEPTIONS)
        if re.search(target, kernel.target) and re.search(program, kernel.program) and re.search(name, kernel.name)
        and limit == of and value <= most
    }
    used |= matching
    return bool(matching)


def faults(kernel, target, program, used):
    """The limits that a kernel exceeds, as text; adds the exceptions that it takes to `used`."""
    most_private = next(
        most for of, name, most in MOST_PRIVATE if re.search(of, kernel.target) and re.search(name, kernel.name))
    most_local = target.local if re.search(CHECKED_LOCAL, kernel.program) else MOST_LOCAL
    values = [("spills", kernel.spills, 0), ("private", kernel.private, most_private), ("local", kernel.local, most_local)]
    if program.groups:
        # All groups of a persistent launch must run at the same time.
        needed = program.groups * registers(kernel, target, program)
        values.append((f"registers of {program.groups} groups on a core", needed, target.registers))
    return kernel.faults + [
        f"{limit}: {value}, not at most {most}"
        for limit, value, most in values if value > most and not is_excepted(kernel, limit, value, used)
    ]


def registers(kernel, target, program):
    """The registers of a work-group, of 4 bytes."""
    x, y = map(int, program.group.split())
    return -(-x * y // kernel.lanes) * kernel.width * -(-kernel.registers // target.step) * target.step


# MARK: Compilers


class CompileError(Exception):
    pass


# clang with the libraries of AMD and of libclc, and ocloc with IGC; of PyPI's wheel ptxas.
DEBIAN = """clang-19 libclang-common-19-dev libclang-cpp19 libclang1-19 libllvm19 llvm-19 llvm-19-linker-tools libclc-19
  libclc-19-dev rocm-device-libs intel-opencl-icd libigc1 libigdfcl1 libigdgmm12 libllvmspirvlib14 libopencl-clang14
  libclang-cpp14 libllvm14 spirv-tools libedit2 libxml2 libz3-4"""
WHEEL = "nvidia-cuda-nvcc-cu12"


class Compilers:
    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "root"
        self.clang = self.root / "usr/lib/llvm-19/bin/clang-19"
        self.ocloc = self.root / "usr/bin/ocloc"
        self.ptxas = folder / "whl/x/nvidia/cuda_nvcc/bin/ptxas"
        folder.mkdir(parents=True, exist_ok=True)
        self.provide(self.root, [self.clang, self.ocloc], self.unpack_debian)
        self.provide(folder / "whl", [self.ptxas], self.unpack_wheel)
        libraries = [self.root / "usr/lib/x86_64-linux-gnu", self.root / "usr/lib/llvm-19/lib"]
        self.environment = dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, libraries)))
        # The compilers of drivers keep no cache between runs.
        self.environment["NEO_CACHE_PERSISTENT"] = "0"

    def provide(self, place, files, unpack):
        """Downloads what is not there, beside its place until it is complete."""
        if all(file.exists() for file in files):
            return
        if place.exists():
            sys.exit(f"{place} has not all of {', '.join(map(str, files))}; remove it, and it is downloaded anew")
        print(f"downloading compilers to {place} …", flush=True)
        new, downloads = place.with_suffix(".new"), place.with_suffix(".new") / "downloads"
        shutil.rmtree(new, ignore_errors=True)
        downloads.mkdir(parents=True)
        unpack(downloads, new)
        shutil.rmtree(downloads)
        new.rename(place)

    def unpack_debian(self, downloads, place):
        download = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *DEBIAN.split()]
        if subprocess.run(download, cwd=downloads, stderr=subprocess.DEVNULL).returncode != 0:
            # The lists of packages may be missing or old.
            subprocess.run(["sudo"] * (os.geteuid() != 0) + ["apt-get", "-qq", "update"], check=True)
            subprocess.run(download, cwd=downloads, check=True)
        for deb in downloads.glob("*.deb"):
            subprocess.run(["dpkg", "-x", deb, place], check=True)

    def unpack_wheel(self, downloads, place):
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", downloads, WHEEL], check=True)
        for wheel in downloads.glob("*.whl"):
            shutil.unpack_archive(wheel, place / "x", "zip")
        (place / self.ptxas.relative_to(self.folder / "whl")).chmod(0o755)

    def run(self, *command):
        """Runs a compiler; returns its output."""
        result = subprocess.run(command, env=self.environment, text=True, capture_output=True, errors="replace")
        text = result.stdout + result.stderr
        if result.returncode != 0:
            errors = [line for line in text.splitlines() if "error" in line.lower()] or text.splitlines()[-1:]
            raise CompileError(errors[0].strip() if errors else f"exit status {result.returncode}")
        return text

    def run_clang(self, program, target, source, output, *options):
        flags = ["-O3", "-Xclang", "-finclude-default-header", "-Wno-everything", "-S", source, "-o", output]
        self.run(self.clang, "-x", "cl", *program.options.split(), *target, *flags, *options)

    def compile(self, target, program, source, folder):
        """Returns the kernels of a program."""
        return getattr(self, target.vendor)(target, program, source, folder)

    # MARK: AMD

    def amd(self, target, program, source, folder):
        bitcode = self.root / "usr/lib/x86_64-linux-gnu/amdgcn/bitcode"
        version = folder / f"version-{target.arch}.bc"
        if not version.exists():
            text = folder / f"version-{program.index}.ll"
            text.write_text(
                'target triple = "amdgcn-amd-amdhsa"\n@__oclc_ISA_version = linkonce_odr hidden local_unnamed_addr '
                f"addrspace(4) constant i32 {target.arch}, align 4\n")
            made = folder / f"version-{program.index}.bc"
            self.run(self.clang.parent / "llvm-as", text, "-o", made)
            made.rename(version)
        waves = "on" if target.lanes == 64 else "off"
        names = ["opencl", "ocml", "ockl", f"oclc_wavefrontsize64_{waves}", "oclc_abi_version_500", "oclc_finite_only_off",
                 "oclc_unsafe_math_off", "oclc_daz_opt_off", "oclc_correctly_rounded_sqrt_off"]
        links = [part for file in [bitcode / f"{name}.bc" for name in names] + [version]
                 for part in ["-Xclang", "-mlink-builtin-bitcode", "-Xclang", file]]
        output = folder / f"{program.index}.s"
        self.run_clang(
            program, ["-target", "amdgcn-amd-amdhsa", f"-mcpu={target.name}"], source, output,
            "-mcode-object-version=5", "-nogpulib", *links)
        text = output.read_text()
        kernels = []
        for part in re.split(r"\n  - (?=\.[a-z])", text[text.find("amdhsa.kernels"):])[1:]:
            number = lambda name: int((re.search(rf"\.{name}:\s+(\d+)", part) or [0, "0"])[1])
            name = re.search(r"\.symbol:\s+(\S+)\.kd", part)[1]
            kernel = Kernel(
                target.name, program.name, name, number("vgpr_count"), number("vgpr_spill_count"),
                number("private_segment_fixed_size"), number("group_segment_fixed_size"),
                note=f"{number('agpr_count')} accumulators" if number("agpr_count") else "")
            body = re.search(rf"^{name}:(.*?)^\s*\.section", text, re.S | re.M)[1]
            kernel.faults = missing_waits(body, program.crosses_groups(name))
            kernels.append(kernel)
        return kernels

    # MARK: NVIDIA

    def nvidia(self, target, program, source, folder):
        library = self.root / "usr/lib/clc/nvptx64--nvidiacl.bc"
        ptx, cubin = folder / f"{program.index}.ptx", folder / f"{program.index}.cubin"
        # NVIDIA's driver defines the macro.
        self.run_clang(
            program,
            ["-Dcl_nv_pragma_unroll", "-target", "nvptx64-nvidia-nvcl", "-Xclang", "-target-cpu", "-Xclang", target.name,
             "-Xclang", "-target-feature", "-Xclang", "+ptx78"],
            source, ptx, "-Xclang", "-mlink-builtin-bitcode", "-Xclang", library)
        if program.group:
            # LLVM does not pass the declared work-group on.
            x, y = program.group.split()
            declared = re.sub(r"(\.entry [^{]*?\n\))\n\{", rf"\1\n.reqntid {x}, {y}, 1\n{{", ptx.read_text())
            ptx.write_text(declared)
        text = self.run(self.ptxas, "-v", f"-arch={target.name}", ptx, "-o", cubin)
        pattern = (r"Compiling entry function '(\w+)'.*?Function properties for \1\n\s+(\d+) bytes stack frame, "
                   r"(\d+) bytes spill stores, (\d+) bytes spill loads\n.*?Used (\d+) registers([^\n]*)")
        kernels = []
        for name, stack, stores, loads, registers, rest in re.findall(pattern, text, re.S):
            local = re.search(r"(\d+) bytes smem", rest)
            spills = int(stores) + int(loads)
            kernels.append(
                Kernel(target.name, program.name, name, int(registers), spills, 0 if spills else int(stack),
                       int(local[1]) if local else 0))
        return kernels

    # MARK: Intel

    def intel(self, target, program, source, folder):
        output = folder / f"intel-{program.index}"
        text = self.run(
            self.ocloc, "compile", "-file", source, "-device", target.name, "-out_dir", output, "-output", "k",
            "--format", "zebin", "-options", program.options)
        binaries = list(output.glob("*.bin"))
        if not binaries:
            raise CompileError(next((line for line in text.splitlines() if "error" in line), "no binary"))
        info = output / "info"
        self.run(self.clang.parent / "llvm-objcopy", "--dump-section", f".ze_info={info}", binaries[0], "/dev/null")
        kernels = []
        for part in re.split(r"\n  - (?=name:)", info.read_text(errors="replace").split("kernels_misc_info")[0])[1:]:
            value = lambda name: (re.search(rf"\b{name}:\s+(\S+)", part) or [0, "0"])[1]
            lanes = int(value("simd_size"))
            memory = re.findall(r"usage:\s+(\S+)\n\s+size:\s+(\d+)", part)
            size = lambda usage: sum(int(bytes) for name, bytes in memory if usage in name)
            # Spills are of a hardware thread, private memory is of a work-item; before Xe-HP both are in one space, of
            # multiples of 1 KB.
            space = size("single_space")
            spills, private = (space, 0) if space > 1024 else (size("spill"), size("private") + space // 8)
            kernels.append(
                Kernel(target.name, program.name, value("name"), int(value("grf_count")), spills, private,
                       int(value("slm_size")), lanes, width=8, note=f"SIMD{lanes}"))
        return kernels


def missing_waits(body, crosses_groups):
    """Barriers before a counter's increment at which a wave's stores may still be in flight, in AMD's assembly.

    A barrier across work-groups counts a group with an atomic addition without a result, after a barrier of the group. Each
    wave must wait for its own stores before that. A kernel that `crosses_groups` has such a counter.

    >>> counted = "s_waitcnt vmcnt(0)\\ns_barrier\\nglobal_atomic_add v0, v1, s[0:1]"
    >>> missing_waits(counted, True)
    []
    >>> missing_waits(counted.replace("vmcnt(0)", "lgkmcnt(0)"), True)
    ['no wait for stores before the barrier ahead of the counter']
    >>> missing_waits(counted + " glc", True)
    ['no counter of the barrier across work-groups was found']
    """
    lines = [line.strip() for line in body.splitlines()]
    # RDNA counts stores apart.
    wait = r"s_waitcnt_vscnt null, 0x0" if any("vscnt" in line for line in lines) else r"s_waitcnt .*vmcnt\(0\)"
    counters, found = 0, []
    for place, line in enumerate(lines):
        if not re.match(r"(global|flat)_atomic_(add|inc)(_u32)?\s", line) or re.search(r"\b(glc|sc0)\b", line):
            continue
        barrier = next((i for i in range(place, -1, -1) if lines[i].startswith("s_barrier")), None)
        if barrier is None:
            continue
        counters += 1
        before = []
        for earlier in reversed(lines[:barrier]):
            if re.match(r"(global|flat|buffer|scratch)_store|\.?\w+:", earlier):
                break
            before.append(earlier)
        if not any(re.match(wait, earlier) for earlier in before):
            found.append("no wait for stores before the barrier ahead of the counter")
    if crosses_groups and counters == 0:
        found.append("no counter of the barrier across work-groups was found")
    return sorted(set(found))


# MARK: Programs


@dataclass
class Program:
    index: int
    name: str
    file: str
    options: str
    group: str
    kernels: list
    groups: int  # of a core, that must run at the same time; 0 for any number

    def crosses_groups(self, kernel):
        """Whether a kernel has the barrier across work-groups."""
        return self.groups > 0 and kernel in self.kernels or self.name.startswith("probe of the barrier")


def programs(executable, target, folder):
    """The programs of a device, whose sources are then in `folder`."""
    command = [executable, folder, target.vendor, target.units, target.group, target.local, target.lanes, target.barrier]
    lines = subprocess.run(
        [str(part) for part in command] + [target.cores] * (target.cores != ""), check=True, text=True, capture_output=True
    ).stdout.splitlines()
    result = []
    for index, line in enumerate(lines):
        name, file, options, group, kernels, groups = line.split("\t")
        result.append(Program(index, name, file, options, group, kernels.split(), int(groups or 0)))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("executable", help="gpu-programs")
    parser.add_argument("--quick", action="store_true", help="what an untuned device launches, for three targets")
    parser.add_argument("--targets", help="names, with commas")
    parser.add_argument("--programs", default="", help="a regular expression of names")
    parser.add_argument("--table", help="a file for the registers, spills and memory of each kernel")
    options = parser.parse_args()
    if doctest.testmod().failed:
        sys.exit(1)
    every = [target.name for target in TARGETS]
    names = options.targets.split(",") if options.targets else QUICK_TARGETS if options.quick else every
    unknown = [name for name in names if name not in every]
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(every)}")
    targets = [target for target in TARGETS if target.name in names]
    wanted = QUICK_PROGRAMS if options.quick else [""]
    folder = os.environ.get("RECUR_GPU_COMPILERS") or ROOT / ".build/gpu-compilers"
    compilers = Compilers(pathlib.Path(folder).absolute())

    start = time.monotonic()
    kernels, problems, compiled, matched, used = [], [], 0, set(), set()
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {}
        for target in targets:
            place = pathlib.Path(work) / target.name
            for program in programs(options.executable, target, place):
                matching = {pattern for pattern in wanted if re.search(pattern, program.name)}
                matched |= matching
                if matching and re.search(options.programs, program.name):
                    job = pool.submit(compilers.compile, target, program, place / f"{program.file}.cl", place)
                    jobs[job] = (target, program)
        for job, (target, program) in jobs.items():
            try:
                found = job.result()
                for name in set(program.kernels) - {kernel.name for kernel in found}:
                    problems.append(f"{target.name}: {program.name}: no kernel {name}")
                if not found:
                    problems.append(f"{target.name}: {program.name}: no kernels")
                for kernel in found:
                    if program.kernels and kernel.name not in program.kernels:
                        continue
                    kernels.append(kernel)
                    problems += [f"{target.name}: {program.name}, {kernel.name}: {fault}"
                                 for fault in faults(kernel, target, program, used)]
            except CompileError as error:
                problems.append(f"{target.name}: {program.name} ({program.file}): {error}")
            compiled += 1
    if not kernels:
        problems.append("nothing was compiled")
    if not options.targets:
        problems += [f"no program matches {pattern}" for pattern in wanted if pattern not in matched]
    if not (options.targets or options.programs or options.quick):
        problems += [f"no kernel takes the exception {EXCEPTIONS[place][:5]}"
                     for place in range(len(EXCEPTIONS)) if place not in used]
    if options.table:
        with open(options.table, "w") as table:
            print("target\tprogram\tkernel\tregisters\tspills\tprivate\tlocal\tnote", file=table)
            for k in kernels:
                print(k.target, k.program, k.name, k.registers, k.spills, k.private, k.local, k.note, sep="\t", file=table)
    for problem in problems:
        print(problem)
    seconds = time.monotonic() - start
    print(f"{compiled} programs for {len(targets)} GPUs, {len(kernels)} kernels: {len(problems)} faults ({seconds:.0f} s)")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
