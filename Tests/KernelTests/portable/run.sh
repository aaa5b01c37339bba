#!/bin/sh
# Runs the kernels on processors that this one is not: x86-64 with nothing above SSE4.2, and 64-bit Arm.
# Needs clang, qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../../Kernels
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

build() { # TARGET FLAGS…: the driver and the kernels, as out/TARGET
  target=$1
  shift
  clang --target="$target" -std=gnu2x -O2 -I"$kernels/include" "$@" \
    "$here"/*.c "$kernels/cpu/levels.c" "$kernels/cpu/machine.c" -lm -o "$out/$target"
}

build x86_64-linux-gnu
printf 'x86-64 Nehalem, '
qemu-x86_64 -cpu Nehalem "$out/x86_64-linux-gnu" baseline

build aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -L/usr/aarch64-linux-gnu/lib \
  --gcc-toolchain=/usr -fuse-ld="$(command -v aarch64-linux-gnu-ld)"
printf 'aarch64, '
qemu-aarch64 -L /usr/aarch64-linux-gnu "$out/aarch64-linux-gnu" neon
