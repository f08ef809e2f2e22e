#!/usr/bin/env python3
"""What dfpipe's web endpoint is compared with: a minimal Flask server that loads the same weights with PyTorch and does
decode, crop by the given box, forward.

    python3 tests/bench/flask_detector.py MODEL PORT

POST /predict?box=left,top,right,bottom with a picture as the body gives {"label", "confidence", "probability"}.
"""
import json
import struct
import sys

import cv2
import numpy as np
import torch
from flask import Flask, jsonify, request
from torch.nn import functional as F


def tensors(file):
    """A safetensors file's tensors by name."""
    with open(file, "rb") as opened:
        length = struct.unpack("<Q", opened.read(8))[0]
        header = json.loads(opened.read(length))
        data = opened.read()
    types = {"F32": np.float32, "I64": np.int64}
    out = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[begin:end], types[entry["dtype"]]).copy()
            out[name] = torch.from_numpy(values).reshape(entry["shape"])
    return out


class Detector:
    """The original's two branches and its classifier, written down with PyTorch's functions."""

    def __init__(self, folder):
        with open(f"{folder}/clip_vision/config.json", encoding="utf-8") as opened:
            self.config = json.load(opened)
        with open(f"{folder}/preprocessor_config.json", encoding="utf-8") as opened:
            profile = json.load(opened)
        self.mean = torch.tensor(profile["image_mean"]).view(1, 3, 1, 1)
        self.std = torch.tensor(profile["image_std"]).view(1, 3, 1, 1)
        self.side = profile["size"]["shortest_edge"]
        self.clip = tensors(f"{folder}/clip_vision/model.safetensors")
        self.heads = tensors(f"{folder}/head_weights.safetensors")

    def pixels(self, rgb):
        x = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float()
        scale = self.side / min(x.shape[2:])
        size = [max(self.side, int(side * scale)) for side in x.shape[2:]]
        x = F.interpolate(x, size=size, mode="bicubic", antialias=True, align_corners=False).round().clamp(0, 255)
        top, left = (size[0] - self.side) // 2, (size[1] - self.side) // 2
        return (x[:, :, top:top + self.side, left:left + self.side] / 255 - self.mean) / self.std

    def linear(self, x, name):
        return F.linear(x, self.clip[name + ".weight"], self.clip[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.clip[name + ".weight"], self.clip[name + ".bias"],
                            self.config["layer_norm_eps"])

    def attention(self, x, layer):
        heads, width = self.config["num_attention_heads"], x.shape[2]

        def split(name):
            return self.linear(x, f"{layer}.self_attn.{name}").view(1, -1, heads, width // heads).transpose(1, 2)

        weights = torch.softmax(split("q_proj") @ split("k_proj").transpose(2, 3) * (width // heads) ** -0.5, dim=-1)
        mixed = (weights @ split("v_proj")).transpose(1, 2).reshape(1, -1, width)
        return self.linear(mixed, f"{layer}.self_attn.out_proj")

    def embedding(self, pixels):
        names = "vision_model.embeddings."
        patches = F.conv2d(pixels, self.clip[names + "patch_embedding.weight"], stride=self.config["patch_size"])
        patches = patches.flatten(2).transpose(1, 2)
        x = torch.cat([self.clip[names + "class_embedding"].view(1, 1, -1), patches], dim=1)
        x = self.norm(x + self.clip[names + "position_embedding.weight"], "vision_model.pre_layrnorm")
        for i in range(self.config["num_hidden_layers"]):
            layer = f"vision_model.encoder.layers.{i}"
            x = x + self.attention(self.norm(x, layer + ".layer_norm1"), layer)
            hidden = self.linear(self.norm(x, layer + ".layer_norm2"), layer + ".mlp.fc1")
            x = x + self.linear(hidden * torch.sigmoid(1.702 * hidden), layer + ".mlp.fc2")
        return self.norm(x[:, 0], "vision_model.post_layernorm")

    def spectrum(self, pixels):
        h = self.heads
        spectrum = torch.log1p(torch.fft.fftshift(torch.fft.fft2(pixels.mean(1)), dim=(-2, -1)).abs())[:, None]

        def convolve(x, conv, norm):
            x = F.conv2d(x, h[f"fft_branch.{conv}.weight"], h[f"fft_branch.{conv}.bias"], padding=1)
            return F.relu(F.batch_norm(x, h[f"fft_branch.{norm}.running_mean"], h[f"fft_branch.{norm}.running_var"],
                                       h[f"fft_branch.{norm}.weight"], h[f"fft_branch.{norm}.bias"]))

        x = convolve(F.max_pool2d(convolve(spectrum, 0, 1), 2), 4, 5).mean((2, 3))
        return F.relu(F.linear(x, h["fft_branch.9.weight"], h["fft_branch.9.bias"]))

    @torch.no_grad()
    def probability(self, rgb):
        pixels, h = self.pixels(rgb), self.heads
        fused = torch.cat([self.embedding(pixels), self.spectrum(pixels)], dim=1)
        hidden = F.relu(F.linear(fused, h["classifier.0.weight"], h["classifier.0.bias"]))
        return torch.softmax(F.linear(hidden, h["classifier.3.weight"], h["classifier.3.bias"]), dim=1)[0, 1].item()


def main():
    detector, app = Detector(sys.argv[1]), Flask(__name__)

    @app.post("/predict")
    def predict():
        bgr = cv2.imdecode(np.frombuffer(request.get_data(), np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            return jsonify(error="Could not decode image"), 400
        left, top, right, bottom = (int(side) for side in request.args["box"].split(","))
        fake = detector.probability(cv2.cvtColor(bgr[top:bottom, left:right], cv2.COLOR_BGR2RGB))
        return jsonify(label="Deepfake" if fake >= 0.5 else "Realism", confidence=round(100 * max(fake, 1 - fake), 1),
                       probability=fake)

    app.run("127.0.0.1", int(sys.argv[2]), threaded=True)


if __name__ == "__main__":
    main()
