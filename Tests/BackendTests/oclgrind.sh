#!/bin/sh
# Runs every kernel at tiny shapes in the simulator Oclgrind, which finds accesses out of bounds, data races and
# uninitialised values; fails if it finds any, or a wrong number.
#
#     oclgrind.sh RECUR [CASES]        CASES: only those whose name contains this
#
# Each case has a process of its own: Oclgrind loses track of which memory was written once buffers have been released.
# Kernels are not optimized here, for it does not know all that its own compiler emits.
set -eu
recur=$1
only=${2:-}
library=$(dpkg -L oclgrind | grep '/liboclgrind-rt\.so$')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export RECUR_CACHE_DIR="$work/cache" RECUR_OPENCL_LIBRARY="$library"
export OCLGRIND_DATA_RACES=1 OCLGRIND_UNINITIALIZED=1 OCLGRIND_BUILD_OPTIONS=-cl-opt-disable

"$recur" check --quick --device cpu --json --only "$only" |
  sed -n 's/.*"event":"case".*"name":"\([^"]*\)".*/\1/p; t; s/.*"name":"\([^"]*\)".*"event":"case".*/\1/p' >"$work/cases"
[ -s "$work/cases" ] || { echo "oclgrind.sh: no cases" >&2; exit 1; }

run() {
  if ! "$recur" check --quick --device opencl --only "$1" >"$2" 2>&1 || grep -q 'Kernel:' "$2"; then
    echo "oclgrind: $1 $RECUR_OPENCL_STYLE $RECUR_OPENCL_TIER"
    head -n 20 "$2"
    return 1
  fi
}

# What has more than one style and tier runs in each; empty leaves it to the shape.
export RECUR_OPENCL_STYLE= RECUR_OPENCL_TIER=
failed=0
while read -r name; do
  run "$name" "$work/log" </dev/null || failed=$((failed + 1))
done <"$work/cases"
again() {
  RECUR_OPENCL_STYLE=$1 RECUR_OPENCL_TIER=$2
  grep -E "^($3)" "$work/cases" >"$work/styled" || true
  while read -r name; do
    run "$name" "$work/log" </dev/null || failed=$((failed + 1))
    more=$((more + 1))
  done <"$work/styled"
}
more=0
tiled='matmul|elman|lstm|gru'
shared='softmax|cross-entropy|squaredError|binaryCrossEntropy|layer norm|reduce|clip'
again wide step "$tiled"
again simt step "$tiled|$shared"
again simt sequence "$tiled"
echo "oclgrind: $(wc -l <"$work/cases") cases, $more more in another style or tier, $failed with findings"
[ "$failed" -eq 0 ]
