#!/usr/bin/env python3
"""PyTorch loads head_weights.pt into the original's modules, and every number is the one of the safetensors file.

load_heads.py HEAD_WEIGHTS.pt HEAD_WEIGHTS.safetensors CLIP_WIDTH
Exit code 77: torch is not installed for this Python.
"""
import inspect
import json
import struct
import sys

try:
    import torch
    from torch import nn
except ImportError as e:
    print(e)
    sys.exit(77)


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    dtypes = {"F32": torch.float32, "I64": torch.int64}
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + at for at in entry["data_offsets"])
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=dtypes[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def modules(width):
    fft_branch = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(64, 128), nn.ReLU())
    classifier = nn.Sequential(nn.Linear(width + 128, 256), nn.ReLU(), nn.Dropout(0.1), nn.Linear(256, 2))
    return {"fft_branch": fft_branch, "classifier": classifier}


def check(saved, tensors, width):
    assert saved["id2label"] == {0: "Realism", 1: "Deepfake"}, saved["id2label"]
    parts = modules(width)
    if "projection_head" in saved:
        outputs = saved["projection_head"]["2.bias"].numel()
        parts["projection_head"] = nn.Sequential(nn.Linear(width + 128, 256), nn.ReLU(), nn.Linear(256, outputs))
    assert set(saved) == set(parts) | {"id2label"}, set(saved)
    compared = 0
    for part, module in parts.items():
        module.load_state_dict(saved[part], strict=True)
        for name, tensor in module.state_dict().items():
            assert torch.equal(tensor, tensors[f"{part}.{name}"]), f"{part}.{name}"
            compared += 1
    assert compared == len(tensors), (compared, len(tensors))


def main(heads, reference, width):
    tensors = read_safetensors(reference)
    options = [{}]
    if "weights_only" in inspect.signature(torch.load).parameters:
        options = [{"weights_only": True}, {"weights_only": False}]
    for option in options:
        check(torch.load(heads, map_location="cpu", **option), tensors, int(width))
    print(f"torch {torch.__version__}: {len(tensors)} tensors, {len(options)} ways")


main(*sys.argv[1:])
