#!/bin/sh
# The original's augmentation here and in Python, one thread each, in one run:
#   tests/bench/augment.sh build/release/tests/augment_bench
set -eu
for side in 224 512; do
  "$1" $side
  "${PYTHON:-python3}" "$(dirname "$0")/augment_cv2.py" $side
done
