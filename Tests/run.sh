#!/bin/sh
# Runs tests that are built, one at a time:
#     run.sh NAME [OPTIONS OF swift test]
# What they say goes to .build-test/NAME.log, what ended or failed to the terminal as well.
#
# One at a time: PoCL 3.1 aborts (pocl_release_dlhandle_cache) where two queues of a process run one kernel. Processes may run
# beside each other.
set -eu
log=.build-test/$1.log
shift
rm -f "$log.passed"
{
  swift test -c release -Xswiftc -enable-testing --scratch-path .build-test --skip-build --ignore-lock --no-parallel "$@" 2>&1 &&
    touch "$log.passed"
} | tee "$log" | grep -vE '^(◇|✔ Test case) ' || true
[ -e "$log.passed" ]
