#!/bin/sh
# Measures an OpenCL device, and PyTorch beside it where python3 has it, in eight minutes. It needs a static build of recur and
# this folder: no Swift, no network.
#
#     Benchmarks/gpu.sh [RECUR [DEVICE]]
#
# RECUR lies beside this script or in .build/release if it is not named; DEVICE is what `auto` ranks first, or else the first OpenCL
# device. What is unknown of a new device comes first, then cells, products, PyTorch, models, rounded factors, and tuning in the time
# that is left. Each part has a time limit, and its measurements are kept in $RECUR_CACHE_DIR/gpu: another run at the same commit, with
# the same folder, does what is missing. After each part (with python3) the page results/KIND-NAME-DATE.md and .json beside this
# script, or in $RESULTS, are written anew, so a run that is killed leaves what it had.
#
# $BUDGET is the time in seconds, $COMMIT names the commit where git does not, and $TEXT names tiny Shakespeare, on which the large
# character model is trained. SMALL=1 takes tiny shapes, to try it, in two minutes, and says so in the files' names.
set -u

start=$(date +%s)
end=$((start + ${BUDGET:-480}))
here=$(cd "$(dirname "$0")" && pwd)
results=${RESULTS:-$here/results}
small=${SMALL:+--small}
recur=${1:-}
for path in "$here/recur" "$here/../recur" "$here/../.build/release/recur"; do
  [ -n "$recur" ] || [ ! -x "$path" ] || recur=$path
done
[ -n "$recur" ] || { echo "gpu.sh: no recur is built; name its path" >&2; exit 64; }
[ -f "$recur" ] && [ -x "$recur" ] || { echo "gpu.sh: $recur is no program that can be run" >&2; exit 64; }
[ -z "${TEXT:-}" ] || [ -r "$TEXT" ] || { echo "gpu.sh: \$TEXT: $TEXT cannot be read" >&2; exit 64; }
recur=$(cd "$(dirname "$recur")" && pwd)/$(basename "$recur")
export RECUR_CACHE_DIR="${RECUR_CACHE_DIR:-$HOME/.cache/recur}"
work=$(mktemp -d) && mkdir -p "$RECUR_CACHE_DIR/gpu" "$results" && (: >"$results/.written") 2>/dev/null && rm "$results/.written" || {
  echo "gpu.sh: $results, $RECUR_CACHE_DIR or a temporary folder cannot be written; name others in \$RESULTS, \$RECUR_CACHE_DIR" >&2
  exit 1
}

# What is measured lies in $kept: FILE.jsonl, FILE.log, and parts.tsv, a line for each part that ran.
kept=$work title= child= name=
trap 'rm -rf "$work"' EXIT
trap 'stopped' INT TERM HUP

# A signal ends the part that runs.
stopped() {
  trap '' INT TERM HUP
  [ -z "$child" ] || { kill "$child" 2>/dev/null; wait "$child" 2>/dev/null; }
  [ -z "$child" ] || printf '%s\t%s\tstopped by a signal\n' "$name" "$(($(date +%s) - begin))" >>"$kept/parts.tsv"
  page
  exit 130
}

# part NAME SECONDS COMMAND…: runs it for so long at most, unless an earlier run has done so. Its output goes to the file of NAME's
# first word, how it went to parts.tsv.
part() {
  name=$1 begin=$(date +%s) file=$kept/${1%% *} seconds=$2
  shift 2
  ! grep -qs "^$name	.*	done$" "$kept/parts.tsv" || return 0
  [ "$seconds" -le $((end - begin)) ] || seconds=$((end - begin))
  [ "$seconds" -gt 1 ] || finish "the time ended before $name"
  echo "$((begin - start)) s: $name …" >&2
  timeout -k 3 "$seconds" "$@" </dev/null >>"$file.jsonl" 2>"$file.log.new" &
  child=$!
  wait "$child"
  code=$? child=
  case $code in
    0) state="done" ;;
    124 | 137) state="stopped after $seconds s" ;;
    *) state="failed ($code): $(grep . "$file.log.new" | tail -n 1 | tr '\t' ' ')" ;;
  esac
  cat "$file.log.new" >>"$file.log"
  rm "$file.log.new"
  printf '%s\t%s\t%s\n' "$name" "$(($(date +%s) - begin))" "$state" >>"$kept/parts.tsv"
  page
}

# skip NAME REASON
skip() { printf '%s\t0\t%s\n' "$1" "$2" >>"$kept/parts.tsv"; }

# Writes the page and the JSON of what there is.
page() {
  [ "$kept" != "$work" ] && command -v python3 >/dev/null || return 0
  python3 "$here/gpu_page.py" "$kept" "$results/$title" "$device" "$commit" "$version" $(($(date +%s) - start)) $small ||
    echo "gpu.sh: no page was written" >&2
}

# finish HOW: the end of a run.
finish() {
  page
  if [ -f "$results/$title.md" ]; then
    cat "$results/$title.md"
    echo "gpu.sh: $1; wrote $results/$title.md and .json in $(($(date +%s) - start)) s" >&2
  else
    cat "$kept/parts.tsv" "$kept"/*.jsonl
    echo "gpu.sh: $1; python3 is missing, so there is no page: the measurements above are in $kept" >&2
  fi
  exit 0
}

# field KEY: the value of a key in each line of JSON.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

# MARK: The device

# shows_opencl: whether recur finds an OpenCL device.
shows_opencl() { timeout 30 "$recur" devices 2>/dev/null | grep -q '^opencl'; }

# Where drivers lie in containers: a loader beside recur or in these folders, and NVIDIA's driver without its .icd file.
find_driver() {
  folders="$(dirname "$recur") $(echo "${LD_LIBRARY_PATH:-}" | tr : ' ') /usr/local/nvidia/lib64 /usr/local/nvidia/lib
    /usr/local/cuda/lib64 /usr/lib/x86_64-linux-gnu /usr/lib64 /usr/lib/wsl/lib /opt/rocm/lib"
  driver=$(find -L $folders -maxdepth 1 -name 'libnvidia-opencl.so.*' 2>/dev/null | head -n 1)
  [ -n "$driver" ] || driver=$(find / -xdev -name 'libnvidia-opencl.so.*' 2>/dev/null | head -n 1)
  if [ -n "$driver" ] && [ -z "${OCL_ICD_VENDORS:-}" ]; then
    mkdir -p "$work/vendors"
    # Where its compiler lies.
    export LD_LIBRARY_PATH="$(dirname "$driver")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    echo "$driver" >"$work/vendors/nvidia.icd"
    export OCL_ICD_VENDORS="$work/vendors/" OCL_ICD_FILENAMES="$driver"
    ! shows_opencl || return 0
  fi
  # shellcheck disable=SC2044 # no such folder has spaces
  for library in $(find -L $folders -maxdepth 1 -name 'libOpenCL.so*' 2>/dev/null); do
    export RECUR_OPENCL_LIBRARY="$library"
    ! shows_opencl || return 0
  done
  unset RECUR_OPENCL_LIBRARY
}

shows_opencl || { echo "gpu.sh: recur finds no OpenCL device yet; looking for a driver …" >&2; find_driver; }
device=$(timeout 30 "$recur" devices --device "${2:-opencl}" --json 2>"$work/devices.log" | field device | grep -m 1 '^opencl')
[ -n "$device" ] || {
  echo "gpu.sh: recur finds no OpenCL device${2:+ $2}, so nothing was measured." >&2
  cat "$work/devices.log" >&2
  echo "A driver and libOpenCL.so.1 are needed; a libOpenCL.so.1 beside recur is found too." >&2
  exit 1
}
part devices 90 "$recur" devices --verbose --json
grep "\"device\":\"$device\"" "$work/devices.jsonl" >"$work/device" || {
  cat "$work/devices.log" "$work/parts.tsv" >&2
  exit 1
}
kind=$(field kind <"$work/device")
model=$(field name <"$work/device" | tr '[:upper:]' '[:lower:]' | tr -cs '[:alnum:]' '-' | sed 's/^-//; s/-$//')
version=$("$recur" --version)
commit=${COMMIT:-$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)}
title=$kind-$model-$(date -u +%Y-%m-%d)${small:+-small}
kept=$RECUR_CACHE_DIR/gpu/$model-$commit${small:+-small}
mkdir -p "$kept"
# A killed program may have left half a line.
for lines in "$kept"/*.jsonl; do [ ! -s "$lines" ] || [ -z "$(tail -c 1 "$lines")" ] || echo >>"$lines"; done
cp "$work/devices.jsonl" "$work/devices.log" "$kept/"
cat "$work/parts.tsv" >>"$kept/parts.tsv"
! command -v clinfo >/dev/null || part clinfo 15 clinfo

# MARK: The parts

# Without a GPU plain C stands in for tensor cores, to try the script.
[ "$kind" = gpu ] || export RECUR_TENSOR_CORES=stand-in

# works PATTERN …: the works that begin so; with tiny shapes, the whole family.
works() {
  for pattern; do
    [ -z "$small" ] || pattern=${pattern%% *}
    "$recur" bench --list $small --only matmul,lstm,gru,elman,character,notebook,gpu | grep -E "^$pattern"
  done
}

# missing FILE LAST: the works of standard input whose part LAST no run has measured.
missing() {
  while read -r line; do
    grep -qs "\"name\":\"$line\".*\"part\":\"$2\"" "$kept/$1.jsonl" || echo "$line"
  done
}

# bench NAME SECONDS PATTERN …: times works whose training step, or packed product, no run has measured. The first word of NAME is
# the file and says how: in a tier, with rounded factors, or as the device is by itself.
bench() {
  what=$1 limit=$2 how=${1%% *}
  shift 2
  only=$({ works "$@" | grep -v '^matmul' | missing "$how" training; works "$@" | grep '^matmul' | missing "$how" packed; } | paste -sd, -)
  [ -n "$only" ] || return 0
  set -- "$recur" bench --device "$device" --json --rounds 3 $small --only "$only"
  case $how in
    # On a processor persistent launches are there to try the script.
    step | persistent) set -- env "RECUR_OPENCL_TIER=$how" $([ "$kind" = gpu ] || echo RECUR_OPENCL_STYLE=simt) "$@" ;;
    tf32 | bf16) set -- "$@" --precision "$how" ;;
  esac
  part "$what" "$limit" "$@"
}

# check NAME SECONDS OPTION …
check() {
  what=$1 limit=$2
  shift 2
  part "check $what" "$limit" "$recur" check --device "$device" --json "$@"
}

# text NAME [OPTION …]: trains the large character model on a text.
text() {
  [ -n "${TEXT:-}" ] || { skip "text-$1" "\$TEXT names no text"; return; }
  what=$1
  shift
  sizes="--hidden 512 --batch 64 --sequence 64 --epochs 10" data=$TEXT
  if [ -n "$small" ]; then
    sizes="--hidden 9 --batch 3 --sequence 4 --epochs 1" data=$work/text
    head -c 10000 "$TEXT" >"$data"
  fi
  # shellcheck disable=SC2086 # the sizes are words
  part "text-$what" 60 "$recur" train text --data "$data" --model "$work/model-$what" $sizes --device "$device" --json "$@"
}

# pytorch PRECISION SECONDS: PyTorch at the works that were measured here.
pytorch() {
  works 'matmul' 'lstm T(64|512)' 'gru T(64|512)' 'character' >"$work/all"
  { grep -v '^matmul' "$work/all" | missing "pytorch-$1" training; grep '^matmul' "$work/all" | missing "pytorch-$1" product; } >"$work/works"
  [ ! -s "$work/works" ] ||
    part "pytorch-$1" "$2" sh -c 'exec python3 "$0" "$1" <"$2"' "$here/peers/torch_gpu.py" "$1" "$work/works"
}

# What is unknown of a new device: whether the barrier is sound and how long it takes, and whether tile loads are unrolled.
check barrier 45 --only barrier
part "device latency" 30 "$recur" bench --device "$device" --json --rounds 3 $small --only device
bench "step first" 40 'lstm T64 B64 I512'
# Each process probes the barrier: it need not have worked in all of them.
tiers=step
if grep -qs '"part":"barrier"' "$kept/device.jsonl" || grep -q '"barrier across work-groups":"[^"]*probed yes' "$work/device"; then
  bench "persistent first" 40 'lstm T64 B64 I512'
  if [ -n "$small" ]; then skip "check persistent" "the quick checks have none"; else check persistent 45 --only persistent; fi
  # Where the first gave no time, the others would only use up theirs.
  if [ -s "$kept/persistent.jsonl" ]; then tiers="persistent step"; else skip "persistent cells" "the first one was not measured"; fi
else
  skip "persistent launches" "the barrier has not worked on this device"
fi
for tier in $tiers; do
  for cell in lstm gru; do
    for hidden in 512 256 1024; do bench "$tier $cell H$hidden" 30 "$cell T64 .* H$hidden\$"; done
  done
done
for tier in $tiers; do bench "$tier T512" 30 'lstm T512' 'gru T512'; done
check quick 60 --quick
bench "default products" 40 'matmul'
if python3 -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)' 2>/dev/null; then
  pytorch float32 100
  pytorch tf32 60
else
  skip pytorch-float32 "no python3 with torch is here"
fi
bench "default models" 40 'character' 'notebook'
bench "tf32 products" 40 'matmul'
bench "tf32 cells" 50 'lstm T64' 'gru T64' 'character'
text float32
text tf32 --precision tf32
check tf32 40 --precision tf32 ${small:+--quick}
check bf16 40 --precision bf16 ${small:+--quick}
[ -n "$small" ] || check full 90
bench "bf16 products" 40 'matmul'
for tier in $tiers; do bench "$tier elman" 30 'elman T64'; done
# Tuning continues where it was stopped; what it brought is measured once it is complete, in this run or the next.
if [ -z "$small" ]; then
  part tune 300 "$recur" devices --tune --device "$device" --json
  ! grep -q '^tune	.*	done$' "$kept/parts.tsv" || bench "tuned cells" 120 'matmul' 'lstm T64' 'gru T64' 'character'
fi
finish "all parts were tried"
