#!/bin/sh
# Measures an OpenCL device, and PyTorch beside it where python3 has it, in under ten minutes. It needs a static build of recur
# and nothing else: no Swift, no network.
#
#     Benchmarks/gpu.sh [RECUR [DEVICE]]
#
# RECUR lies beside this script or in .build/release if it is not named; DEVICE is a GPU or else the first OpenCL device.
# Writes results/KIND-NAME-DATE.md and .json beside this script, or to $RESULTS. $COMMIT names the commit where git does not.
# $TEXT names tiny Shakespeare, on which the large character model is trained. A device that is not tuned yet is tuned, which
# leaves less time for the rest: another run has all of it. A part that fails or takes too long is said to have done so, and the
# others go on. SMALL=1 takes tiny shapes, to try it, in two minutes, and says so in the files' names.
set -u

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
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && trap 'exit 130' INT TERM HUP || exit 1
start=$(date +%s)
end=$((start + 560))
: >"$work/parts"
mkdir -p "$results" && (: >"$results/.written") 2>/dev/null && rm "$results/.written" || {
  echo "gpu.sh: $results cannot be written; name another folder in \$RESULTS" >&2
  exit 1
}

# part NAME SECONDS COMMAND…: runs it for so long at most; what it printed is in $work/NAME, and how it went in $work/parts.
part() {
  name=$1 begin=$(date +%s)
  seconds=$2
  [ "$seconds" -le $((end - begin)) ] || seconds=$((end - begin))
  shift 2
  if [ "$seconds" -le 1 ]; then
    : >"$work/$name"
    state="did not run: no time was left" took=0
  else
    echo "$name …" >&2
    timeout -k 3 "$seconds" "$@" >"$work/$name" 2>"$work/$name.log"
    code=$? took=$(($(date +%s) - begin))
    case $code in
      0) state="done" ;;
      124 | 137) state="stopped after $seconds s" ;;
      *) state="failed ($code): $(tail -n 1 "$work/$name.log" | tr '\t|' '  ')" ;;
    esac
  fi
  printf '%s\t%s\t%s\n' "$name" "$took" "$state" >>"$work/parts"
}

# What the awk programs share: the value of a key in a line of JSON as recur prints it, and three digits that count.
json='
  function value(key, rest) {
    if (!match($0, "\"" key "\":")) return ""
    rest = substr($0, RSTART + RLENGTH)
    if (sub(/^"/, "", rest)) sub(/".*/, "", rest); else sub(/[,}].*/, "", rest)
    return rest
  }
  function digits(number) { return number == "" ? "–" : sprintf(number + 0 >= 100 ? "%.0f" : "%.3g", number) }
  function megabytes(bytes) { return bytes == "" || bytes == "null" ? "–" : digits(bytes / 1e6) }
'

# field KEY: the value of a key in each line of JSON.
field() { awk "$json { print value(\"$1\") }"; }

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
part devices 90 "$recur" devices --verbose --json
if [ -n "${2:-}" ]; then
  device=$("$recur" devices --device "$2" --json | field device | grep -m 1 '^opencl')
  [ -n "$device" ] || { echo "gpu.sh: $2 is no OpenCL device; recur devices lists them" >&2; exit 64; }
else
  device=$({ grep '"kind":"gpu"' "$work/devices"; cat "$work/devices"; } | field device | grep -m 1 '^opencl')
fi
grep "\"device\":\"$device\"" "$work/devices" >"$work/device" && [ -n "$device" ] || {
  echo "gpu.sh: recur finds no OpenCL device, so nothing was measured." >&2
  cat "$work/devices.log" >&2
  echo "A driver and libOpenCL.so.1 are needed; a libOpenCL.so.1 beside recur is found too." >&2
  exit 1
}
kind=$(field kind <"$work/device") model=$(field name <"$work/device") driver=$(field driver <"$work/device")
! command -v clinfo >/dev/null || part clinfo 15 clinfo

# MARK: The parts

# works PATTERN: the works for GPUs whose names begin so, separated by commas.
works() { "$recur" bench --list $small --only gpu | grep "^$1" | paste -sd, -; }

# bench NAME SECONDS WORKS [OPTION …]: times works.
bench() {
  name=$1 seconds=$2 only=$3
  shift 3
  part "$name" "$seconds" "$recur" bench --device "$device" --json --rounds 5 $small --only "$only" "$@"
}

# rounded COMMAND …: with tensor cores, or where only the script is tried and no GPU is there, with plain C that stands in.
rounded() (
  [ -z "$small" ] || [ "$kind" = gpu ] || export RECUR_TENSOR_CORES=stand-in
  "$@"
)

# in_tier TIER COMMAND …: with all cells in a tier. Persistent launches are a matter of GPUs' kernels, on whatever device.
in_tier() (
  [ "$kind" = gpu ] || export RECUR_OPENCL_STYLE=simt
  export RECUR_OPENCL_TIER="$1"
  shift
  "$@"
)

# text NAME [OPTION …]: trains the large character model on a text.
text() {
  name=$1
  shift
  if [ -z "${TEXT:-}" ]; then
    printf '%s\t0\tdid not run: $TEXT names no text\n' "$name" >>"$work/parts"
    return
  fi
  sizes="--hidden 512 --batch 64 --sequence 64 --epochs 10"
  [ -z "$small" ] || sizes="--hidden 9 --batch 3 --sequence 4 --epochs 1"
  # shellcheck disable=SC2086 # the sizes are words
  part "$name" 60 "$recur" train text --data "$TEXT" --model "$work/model-$name" $sizes --device "$device" --json "$@"
}

part check-quick 60 "$recur" check --device "$device" --quick --json
in_tier persistent part check-persistent 90 "$recur" check --device "$device" ${small:+--quick} --only lstm --json
for precision in tf32 bf16; do
  rounded part "check-$precision" 40 "$recur" check --device "$device" --precision "$precision" ${small:+--quick} --json
done
[ -n "$small" ] || grep -q '"kernels":"[a-z0-9]*, tuned"' "$work/device" ||
  part tune 200 "$recur" devices --tune --device "$device" --json
bench launches 25 device
bench products 40 "matmul,$(works matmul)"
bench lstm 55 "$(works lstm)"
bench gru 50 "$(works gru)"
bench elman 40 "$(works elman)"
bench models 50 "elman,lstm,gru,character,notebook,$(works character)"
if timeout 60 python3 -c 'import torch' 2>/dev/null; then
  "$recur" bench --list $small --only matmul,elman,lstm,gru,character,notebook,gpu >"$work/works"
  pytorch() {
    part "pytorch-$1" 90 sh -c 'exec python3 "$0" "$1" <"$2"' "$here/peers/torch_gpu.py" "$1" "$work/works"
  }
else
  printf 'pytorch\t0\tdid not run: no python3 with torch is here\n' >>"$work/parts"
  pytorch() { :; }
fi
pytorch float32
cells="$(works lstm),$(works gru),$(works elman)"
in_tier step bench step 60 "$cells"
in_tier persistent bench persistent 90 "$cells"
text text-float32
in_tier persistent text text-persistent
rounded bench tf32 65 "matmul,$(works matmul),$(works lstm),$(works gru),$(works character)" --precision tf32
pytorch tf32
rounded text text-tf32 --precision tf32
rounded bench bf16 45 "$(works matmul),$(works lstm),$(works character)" --precision bf16
[ -n "$small" ] || part check-full 90 "$recur" check --device "$device" --json

# MARK: The results

date=$(date -u +%Y-%m-%d)
commit=${COMMIT:-$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)}
version=$("$recur" --version)
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
title="$kind-$(echo "$model" | tr '[:upper:]' '[:lower:]' | tr -cs '[:alnum:]' '-' | sed 's/^-//; s/-$//')-$date${small:+-small}"
(cd "$work" && cat launches products lstm gru elman models tf32 bf16) 2>/dev/null | grep '^{.*"milliseconds".*}$' >"$work/ours"
(cd "$work" && cat pytorch-*) 2>/dev/null | grep '^{.*"milliseconds".*}$' >"$work/peers"
for tier in step persistent; do grep '^{.*"milliseconds".*}$' "$work/$tier" >"$work/in-$tier"; done

# list FILE: its lines of JSON as the elements of a list.
list() { paste -sd, "$1"; }

# checked PART: how many cases of a check ran on the device, and which failed.
checked() {
  grep '"event":"case"' "$work/$1" | grep "\"device\":\"$device\"" | awk "$json"'
    value("passed") == "false" { failed++; if (failed <= 20) names = names (names ? "; " : "") value("name") }
    END { printf "%d cases ran, %d failed%s.\n", NR, failed, names ? ": " names : "" }'
}

# The device itself: launches in microseconds, memory in gigabytes a second, multiply-adds.
limits() {
  echo "FMA peak: $(head -n 1 "$work/ours" | field peak | awk '{ printf "%.0f", $1 }') GF/s."
  echo
  echo '| what | part | µs | GB/s |'
  echo '| --- | --- | --- | --- |'
  awk "$json"'/"name":"device/ {
    printf "| %s | %s | %s | %s |\n", value("name"), value("part"), digits(value("milliseconds") * 1000), digits(value("gigabytes"))
  }' "$work/ours"
}

# Every part of every work beside PyTorch with float32; × is its time by ours. Memory is that of all parts of a work together,
# so it stands beside the largest part's of PyTorch.
rates() {
  echo '| work | part | launches | ms | GF/s | of FMA peak | PyTorch ms | × | MB | PyTorch MB |'
  echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |'
  awk "$json"'
    FILENAME ~ /peers$/ {
      if (value("precision") != "float32") next
      time[value("name"), value("part")] = value("milliseconds")
      bytes[value("name"), value("part")] = value("peak_bytes")
      next
    }
    /"name":"device/ || value("precision") != "float32" || seen[value("name"), value("part")]++ { next }
    {
      part = value("part") == "packed" ? "product" : value("part")
      share = value("share_of_peak")
      theirs = time[value("name"), part]
      printf "| %s | %s | %s | %s | %s | ", value("name"), value("part"), value("launches"), digits(value("milliseconds")),
        digits(value("gigaflops"))
      printf "%s | %s | %s | ", share == "" ? "–" : sprintf("%.0f %%", share * 100), digits(theirs),
        digits(theirs == "" ? "" : theirs / value("milliseconds"))
      if (part == "forward") { print "– | – |"; next }
      printf "%s | %s |\n", megabytes(value("peak_bytes")), megabytes(bytes[value("name"), part])
    }' "$work/peers" "$work/ours"
}

# The cells in either tier, and what a device said of the one.
tiers() {
  echo '| work | part | a launch a step, ms | launches | persistent, ms | launches | × |'
  echo '| --- | --- | --- | --- | --- | --- | --- |'
  awk "$json"'
    {
      place = value("name") SUBSEP value("part")
      if (FILENAME ~ /in-persistent$/) { time[place] = value("milliseconds"); launches[place] = value("launches"); next }
      printf "| %s | %s | %s | %s | ", value("name"), value("part"), digits(value("milliseconds")), value("launches")
      printf "%s | %s | %s |\n", digits(time[place]), launches[place],
        digits(time[place] == "" ? "" : value("milliseconds") / time[place])
    }' "$work/in-persistent" "$work/in-step"
  grep -h '^recur: ' "$work/persistent.log" 2>/dev/null
}

# What training on a text came to.
texts() {
  for name in text-float32 text-persistent text-tf32; do
    grep -h '"event":"done"' "$work/$name" 2>/dev/null | awk "$json"'{
      printf "- %s: validation loss %.4f after %s epochs, in %.1f s.\n", name, value("validation_loss"), value("epochs"),
        value("seconds")
    }' name="$name"
  done
}

# The same with rounded factors.
rounded_rates() {
  echo '| work | part | TF32 ms | GF/s | PyTorch TF32 ms | × | BF16 ms | GF/s |'
  echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
  awk "$json"'
    FILENAME ~ /peers$/ {
      if (value("precision") == "tf32") peer[value("name"), value("part")] = value("milliseconds")
      next
    }
    /"name":"device/ || value("precision") == "float32" { next }
    {
      place = value("name") SUBSEP value("part")
      if (!(place in known)) { known[place] = ++count; places[count] = place }
      time[value("precision"), place] = value("milliseconds")
      rate[value("precision"), place] = value("gigaflops")
    }
    END {
      for (i = 1; i <= count; i++) {
        split(places[i], names, SUBSEP)
        ours = time["tf32", places[i]]
        theirs = peer[names[1], names[2] == "packed" ? "product" : names[2]]
        printf "| %s | %s | %s | %s | %s | ", names[1], names[2], digits(ours), digits(rate["tf32", places[i]]), digits(theirs)
        printf "%s | %s | %s |\n", digits(ours == "" || theirs == "" ? "" : theirs / ours), digits(time["bf16", places[i]]),
          digits(rate["bf16", places[i]])
      }
      if (!count) print "| none: this device computes in float32 | | | | | | | |"
    }' "$work/peers" "$work/ours"
}

{
  echo "# $model"
  echo
  echo "Written by \`Benchmarks/gpu.sh\` on $date, at commit $commit (recur $version), in $(($(date +%s) - start)) s."
  echo
  echo "Device \`$device\`: $model, $driver. Host: $processor, $(uname -srm)."
  [ ! -s "$work/peers" ] || echo "Beside it: $(head -n 1 "$work/peers" | field device)."
  echo
  echo '## What ran'
  echo
  echo '| part | seconds | |'
  echo '| --- | --- | --- |'
  awk -F '\t' '{ printf "| %s | %s | %s |\n", $1, $2, $3 }' "$work/parts"
  echo
  echo "Quick check: $(checked check-quick)"
  [ -n "$small" ] || echo "Full check: $(checked check-full)"
  echo "LSTMs in persistent launches: $(checked check-persistent)"
  echo "Products of rounded factors: TF32: $(checked check-tf32) BF16: $(checked check-bf16)"
  echo
  echo '## The device'
  echo
  sed 's/.*"capabilities":{\([^}]*\)}.*/\1/; s/","/\n/g; s/"//g' "$work/device" | sed 's/^/- /; s/:/: /'
  echo
  limits
  echo
  echo '## Products, cells and models'
  echo
  echo 'Milliseconds, the median of 5 rounds. T steps, B rows, I inputs, H hidden units, L layers; training is forward and backward. A'
  echo "product is \`A · Bᵀ\`, M×N×K; *packed* has B packed beforehand. × is PyTorch's time by ours: above 1 Recur is faster."
  echo "MB is what the device held at most for a work, in training; PyTorch's is torch.cuda.max_memory_allocated."
  echo
  rates
  echo
  echo '## A launch a step, and persistent launches'
  echo
  echo 'All cells in one tier; × is how much faster a persistent launch is. Where that has as many launches as a launch a step, it'
  echo 'was none: U did not fit into the registers, or work-groups did not meet.'
  echo
  tiers
  echo
  echo '## On a text'
  echo
  echo 'The character model of two layers of 512, 64 streams × 64 steps, Adam 2e-3, on the first 90 % of tiny Shakespeare; README.md'
  echo 'beside this page says where the CPU backend ends.'
  [ -z "$small" ] || echo 'Here a tiny one, of whatever text there was.'
  echo
  texts
  echo
  echo '## With rounded factors'
  echo
  echo 'The same with the factors of large products rounded to TF32 or bfloat16 (`--precision`), and PyTorch with TF32 on.'
  [ "$kind" = gpu ] || echo 'There is no GPU here: plain C stands in for tensor cores, so these times say nothing.'
  echo
  rounded_rates
} >"$results/$title.md"
{
  printf '{"date":"%s","commit":"%s","version":"%s","host":"%s",\n' "$date" "$commit" "$version" "$processor"
  printf '"device":%s,\n"parts":[' "$(cat "$work/device")"
  awk -F '\t' '{
    gsub(/[\\"]/, "\\\\&")
    printf "%s{\"name\":\"%s\",\"seconds\":%s,\"state\":\"%s\"}", (NR > 1 ? "," : ""), $1, $2, $3
  }' "$work/parts"
  printf '],\n"check":[%s],\n' "$(cat "$work"/check-* | grep '^{.*}$' | grep -v '"passed":true' | paste -sd, -)"
  printf '"measurements":[%s],\n"peers":[%s],\n' "$(list "$work/ours")" "$(list "$work/peers")"
  printf '"in_step":[%s],\n"in_persistent":[%s],\n' "$(list "$work/in-step")" "$(list "$work/in-persistent")"
  printf '"text":[%s],\n' "$(grep -h '"event":"done"' "$work"/text-* 2>/dev/null | paste -sd, -)"
  printf '"clinfo":"%s"}\n' "$(sed 's/[\\"]/\\&/g; s/$/\\n/' "$work/clinfo" 2>/dev/null | tr '\t' ' ' | tr -d '\n')"
} >"$results/$title.json"
cat "$results/$title.md"
echo "gpu.sh: wrote $results/$title.md and .json in $(($(date +%s) - start)) s" >&2
