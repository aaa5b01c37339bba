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

# What runs: a style and a tier (empty leaves it to the shape) and a case a line. What has more than one runs in each: only
# cells have tiers, their default loop takes none, and Elman's activations share a kernel.
again() { grep -E "^($2)" "$work/cases" | sed "s/^/$1 /" >>"$work/runs" || true; }
cells='(elman tanh|lstm|gru).* own$'
shared='matmul|elman|lstm|gru|softmax|additive|cross-entropy|squaredError|binaryCrossEntropy|absoluteError|huber|layer norm|reduce|max over time|crf|clip|map|cumulative|fold|maxima'
sed 's/^/: /' "$work/cases" >"$work/runs"
again wide:step "$cells"
again simt:step "$shared"
again simt:sequence "$cells"
again simt:persistent "$cells"

# Products with rounded factors, plain C in the place of tensor cores; one process for all of a precision.
export RECUR_TENSOR_CORES=stand-in
for precision in tf32 bf16; do echo ": $precision" >>"$work/runs"; done

cat >"$work/run" <<'END'
work=$1 recur=$2 choice=${3%% *} name=${3#* }
case $name in tf32 | bf16) set -- --precision "$name" ;; *) set -- ;; esac
export RECUR_OPENCL_STYLE="${choice%:*}" RECUR_OPENCL_TIER="${choice#*:}"
log=$(mktemp "$work/log.XXXXXX")
if ! "$recur" check --quick --once --device opencl --only "$name" "$@" >"$log" 2>&1 </dev/null || grep -q 'Kernel:' "$log"; then
  echo "oclgrind: $name $choice" >>"$work/failed"
  { echo "oclgrind: $name $choice"; head -n 20 "$log"; }
fi
rm "$log"
END
xargs -d '\n' -n 1 -P "$(nproc)" sh "$work/run" "$work" "$recur" <"$work/runs"
failed=$(cat "$work/failed" 2>/dev/null | wc -l)
echo "oclgrind: $(wc -l <"$work/cases") cases, $(wc -l <"$work/runs") runs in all styles and tiers, $failed with findings"
[ "$failed" -eq 0 ]
