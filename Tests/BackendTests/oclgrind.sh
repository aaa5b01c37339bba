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

# What runs: a style, a tier and the most work-items of a work-group (empty leaves each to the shape and the device) and a case a
# line. What has more than one runs in each: only cells have tiers, and Elman's activations share a kernel.
#
# Work-groups of 128 take long where there is a product or many axes. Those of 32 have more edges in the same shape, and fewer
# work-items without work. Functions of `map` differ in no access to memory: one of each number of operands has all layouts, in
# both styles, the others have one. `make test-all` leaves nothing out, and takes the usual work-groups.
again() { grep -E "^($2)" "$work/cases" | sed "s/^/$1 /" >>"$work/runs" || true; }
cells='(elman tanh|lstm|gru).* own$'
rows='softmax|additive|cross-entropy|squaredError|binaryCrossEntropy|absoluteError|huber|layer norm|reduce|max over time|crf|clip'
# Products with rounded factors, plain C in the place of tensor cores; one process for all of a precision.
export RECUR_TENSOR_CORES=stand-in
printf ':: tf32\n:: bf16\n' >"$work/runs"
if [ "${RECUR_TESTS:-}" = all ]; then
  again :: ''
  again simt:step: "matmul|elman|lstm|gru|map|cumulative|fold|maxima|$rows"
  for tier in wide:step simt:sequence simt:persistent; do again $tier: "$cells"; done
else
  again simt:sequence:32 "$cells"
  again simt:persistent:32 "$cells"
  again simt:step:32 'matmul .*×530 |elman tanh|lstm|gru|map (copy|subtract|clamp)|cumulative|fold|maxima'
  again simt:step: "matmul [0-9]+×[0-9]+×(3|17) |$rows"
  again wide:step: "$cells"
  sed -i -E '/^map (copy|subtract|clamp) /b; /^map [a-zA-Z]+ [^ ]+ (packed|broadcast|permuted|numbers) /d' "$work/cases"
  again :: ''
fi

cat >"$work/run" <<'END'
work=$1 recur=$2 choice=${3%% *} name=${3#* }
case $name in tf32 | bf16) set -- --precision "$name" ;; *) set -- ;; esac
style=${choice%%:*} tier=${choice#*:} items=${choice##*:}
export RECUR_OPENCL_STYLE="$style" RECUR_OPENCL_TIER="${tier%:*}"
[ -z "$items" ] || export OCLGRIND_MAX_WGSIZE="$items"
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
