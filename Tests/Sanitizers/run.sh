#!/bin/sh
# Runs the package's tests under a sanitizer: `run.sh address` or `run.sh thread`, with options of `swift test` after it.
# The `recur` that CommandTests starts is instrumented too; a finding there is an exit code that fails the test. Left out
# is what limits the addresses of a process, of which a sanitizer takes terabytes, or the size of its files:
# ThreadSanitizer begins with a large one.
set -eu
cd "$(dirname "$0")/../.."
sanitizer=$1
shift

case $sanitizer in
  address)
    # PoCL leaks. LLVM, which is in it, sets a signal stack of its own, which AddressSanitizer would take for its and unmap.
    options="detect_leaks=0:use_sigaltstack=0:detect_stack_use_after_return=1:strict_string_checks=1"
    export ASAN_OPTIONS="$options:${ASAN_OPTIONS:-}"
    scratch=.build-asan
    ;;
  thread)
    export TSAN_OPTIONS="suppressions=$PWD/Tests/Sanitizers/thread.supp:history_size=4:${TSAN_OPTIONS:-}"
    # The oracle's loops, of one thread, take twenty times as long: cases of theirs that are many are thinned out.
    export RECUR_TEST_EVERY="${RECUR_TEST_EVERY:-40}"
    scratch=.build-tsan
    ;;
  *)
    echo "usage: $0 address|thread [options of swift test]" >&2
    exit 64
    ;;
esac

# ThreadSanitizer's shadow has fixed places, which a kernel that randomizes many bits of addresses may take.
exec setarch "$(uname -m)" -R swift test -c release -Xswiftc -enable-testing --sanitize="$sanitizer" \
  --scratch-path "$scratch" --no-parallel --skip ShortMemoryTests --skip threadsThatDoNotStart --skip aLimitOnFiles --skip whatIsNoFile \
  --skip BadDataTests/sizes "$@"
