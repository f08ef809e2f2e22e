#!/bin/sh
# The detector against this machine's matrix product, and PyTorch with transformers' modules beside it, in one run:
#   tests/bench/detector.sh build/release/bin/dfpipe [threads]
set -eu
threads=${2:-2}
"$1" bench detector --precision fp32,bf16 --batch 1,8 --threads "$threads"
echo
"${PYTHON:-python3}" "$(dirname "$0")/clip_torch.py" --precision fp32,bf16 --batch 1,8 --threads "$threads"
