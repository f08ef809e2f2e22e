#!/bin/bash
# Runs a script of frontend/package.json as a test: run.sh PROJECT BUILD SCRIPT [ARGUMENT…]. Exit code 77: skipped.
set -euo pipefail
project=$1 build=$2 script=$3
shift 3

skip() {
  echo "skipped: $*"
  exit 77
}

# The Node that dfpipew installs where the system's is too old.
if [ -x "$project/build/node/node_modules/node/bin/node" ]; then PATH=$project/build/node/node_modules/node/bin:$PATH; fi
hash node npm 2> /dev/null || skip "there is no Node on PATH"
cd "$project/frontend"
[ -e node_modules/.package-lock.json ] || skip "the page's npm packages are not installed; ./dfpipew page does that"
if [ "$script" = test:browser ]; then hash chromium 2> /dev/null || skip "there is no chromium on PATH"; fi
if [ "$script" = test:browser ] || [ "$script" = size ]; then
  [ -e "$build/share/dfpipe/page/index.html" ] || skip "the page is not built; ./dfpipew page does that"
fi
export DFPIPE_BUILD=$build
exec npm run --silent "$script" -- "$@"
