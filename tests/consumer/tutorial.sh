#!/bin/bash
# Follows framework/docs/plugin-tutorial.md to the letter: tutorial.sh PROJECT_ROOT BUILD_FOLDER SCRATCH_FOLDER
set -euo pipefail
root=$1 build=$2 scratch=$3

rm -rf "$scratch"
mkdir -p "$scratch/home" "$scratch/checkout/build"
ln -s "$build" "$scratch/checkout/build/release"
script=$scratch/tutorial-as-script.sh
{
  echo 'set -euxo pipefail'
  awk -f "$root/tests/consumer/markdown_to_shell.awk" "$root/framework/docs/plugin-tutorial.md"
} > "$script"

# Nothing of the build tree may help: no inherited plugin path, no library path, a home folder of its own.
cd "$scratch/checkout"
env -u DFPIPE_PLUGIN_PATH -u LD_LIBRARY_PATH HOME="$scratch/home" CCACHE_DISABLE=1 bash "$script"

table=$scratch/home/sharpness/sharpness.csv
rows=$(tail -n +2 "$table" | grep -c '^".*",[0-9.e+]*,$' || true)
if [ "$rows" -ne 12 ]; then
  echo "error: $table has $rows good rows, not 12" >&2
  exit 1
fi
# The installed binary must not reach back into the build tree.
if LD_TRACE_LOADED_OBJECTS=1 "$scratch/home/dfpipe/bin/dfpipe" | grep -F "$build/lib"; then
  echo "error: the installed binary loads libraries of the build tree" >&2
  exit 1
fi
rm -rf "$scratch"
echo "the tutorial's plugin was built and ran"
