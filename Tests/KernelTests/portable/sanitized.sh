#!/bin/sh
# Runs the kernels of every level that this processor has under what Swift has not: first with undefined behaviour and
# addresses checked, then uninitialised memory. Nothing is optimised away. Needs clang with its sanitizers, as Swift's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../../Kernels
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

check() { # NAME FLAGS…
  name=$1
  shift
  clang -std=gnu2x -g1 -O0 -Wall -Wextra -Werror "$@" -fno-sanitize-recover=all -fuse-ld=lld -I"$kernels/include" \
    "$here"/*.c "$kernels/cpu/levels.c" "$kernels/cpu/machine.c" -lm -o "$out/driver"
  for level in baseline avx2 avx512 neon; do
    if "$out/driver" "$level" >"$out/line"; then
      printf '%s, %s\n' "$name" "$(cat "$out/line")"
    else
      grep -q 'does not have it' "$out/line" || { cat "$out/line"; exit 1; }
    fi
  done
}

check 'Undefined behaviour and addresses' \
  -fsanitize=undefined,float-cast-overflow,implicit-conversion,nullability,local-bounds,address
check 'Uninitialised memory' -fsanitize=memory
