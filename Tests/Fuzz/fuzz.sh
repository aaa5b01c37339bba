#!/bin/sh
# Feeds every reader of files with what libFuzzer makes up, under AddressSanitizer, and says how many inputs each had.
# usage: Tests/Fuzz/fuzz.sh (seconds | runs) NUMBER [TARGET …]
set -u
cd "$(dirname "$0")/../.." || exit 1
case ${1:-} in
  seconds) amount=-max_total_time=$2 ;;
  runs) amount=-runs=$2 ;;
  *) sed -n '3s/# //p' "$0" >&2; exit 64 ;;
esac
shift 2
build=.build-fuzz
# The compiler takes one -sanitize only, and SwiftPM gives it several in any order: the last one here names both.
RECUR_FUZZ=1 swift build -c release --sanitize=fuzzer -Xswiftc -sanitize=address,fuzzer -Xswiftc -parse-as-library \
  --scratch-path $build --product fuzz || exit 1
# libFuzzer writes down the input of a trap; Swift's own handler would read freed memory for its backtrace.
export SWIFT_BACKTRACE=enable=no
[ $# -gt 0 ] || set -- $(ls Tests/Fuzz/Seeds)
mkdir -p $build/found
total=0
status=0
for target; do
  mkdir -p "$build/corpus/$target"
  log="$build/$target.log"
  if FUZZ_TARGET=$target $build/release/fuzz "$amount" -max_len=1024 -timeout=10 -rss_limit_mb=2048 -detect_leaks=0 \
    -dict=Tests/Fuzz/json.dict -artifact_prefix="$build/found/$target-" -print_final_stats=1 \
    "$build/corpus/$target" "Tests/Fuzz/Seeds/$target" >"$log" 2>&1
  then
    result="no finding"
    grep -q 'cov: ' "$log" || { result="BLIND: the build has no coverage"; status=1; }
  else result="FOUND: see $log"; status=1
  fi
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  total=$((total + ${inputs:-0}))
  printf '%-14s %12s inputs  %s\n' "$target" "${inputs:-0}" "$result"
done
printf '%-14s %12s inputs\n' total "$total"
exit $status
