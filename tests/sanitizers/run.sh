#!/bin/bash
# Builds and runs the test programs labelled `sanitize` under one preset: run.sh PROJECT_ROOT asan|tsan
set -euo pipefail
root=$1 preset=$2 here=$1/tests/sanitizers
cd "$root"

[ -e "build/$preset/build.ninja" ] || cmake --preset "$preset"
ninja -C "build/$preset" sanitized

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
export LSAN_OPTIONS=suppressions=$here/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=suppressions=$here/tsan.supp:second_deadlock_stack=1:history_size=4
# This compiler's thread sanitizer cannot place its shadow memory under the widest address randomisation of newer kernels.
command=(ctest --test-dir "build/$preset" -L '^sanitize$' --output-on-failure --no-tests=error -j "$(nproc)")
if setarch "$(uname -m)" -R true 2> /dev/null; then
  exec setarch "$(uname -m)" -R "${command[@]}"
fi
exec "${command[@]}"
