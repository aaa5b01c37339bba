#!/bin/sh
# Prints the 20 slowest tests of the logs that run.sh left: slowest.sh LOG…
set -eu
echo 'The slowest tests:'
awk '
  $2 == "Suite" && / started\.$/ { suite = $3 }
  $2 == "Test" && $3 != "case" && $3 != "run" && match($0, /after [0-9.]+ seconds/) {
    seconds = substr($0, RSTART + 6, RLENGTH - 14)
    name = substr($0, index($0, "Test ") + 5)
    sub(/ (passed|failed) after.*/, "", name)
    printf "%7.1f s  %s.%s\n", seconds, suite, name
  }' "$@" | sort -rn | head -n 20
