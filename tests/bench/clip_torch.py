#!/usr/bin/env python3
"""The forward pass of CLIP's ViT-L/14 in PyTorch, with the modules that `transformers` uses for it and random weights:
what `dfpipe bench detector` is compared with.

    python3 tests/bench/clip_torch.py --threads 2 --batch 1,8 --precision fp32,bf16
"""
import argparse
import sys
import time

try:
    import torch
    from torch import nn
except ImportError:
    print("skipped: python3-torch is not installed")
    sys.exit(0)

WIDTH, HIDDEN, LAYERS, HEADS, PATCH, SIDE = 1024, 4096, 24, 16, 14, 224
TOKENS = (SIDE // PATCH) ** 2 + 1


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x):
        batch = x.shape[0]

        def heads(y):
            return y.view(batch, TOKENS, HEADS, WIDTH // HEADS).transpose(1, 2).reshape(batch * HEADS, TOKENS, -1)

        q = heads(self.q_proj(x) * (WIDTH // HEADS) ** -0.5)
        weights = torch.softmax(torch.bmm(q, heads(self.k_proj(x)).transpose(1, 2)), dim=-1)
        context = torch.bmm(weights, heads(self.v_proj(x))).view(batch, HEADS, TOKENS, -1)
        return self.out_proj(context.transpose(1, 2).reshape(batch, TOKENS, WIDTH))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.self_attn = Attention()
        self.fc1, self.fc2 = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        hidden = self.fc1(self.layer_norm2(x))
        return x + self.fc2(hidden * torch.sigmoid(1.702 * hidden))


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(WIDTH) * 0.02)
        self.patch_embedding = nn.Conv2d(3, WIDTH, PATCH, PATCH, bias=False)
        self.positions = nn.Parameter(torch.randn(TOKENS, WIDTH) * 0.02)
        self.pre_norm, self.post_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))

    def forward(self, pixels):
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(pixels.shape[0], 1, -1)
        x = self.pre_norm(torch.cat([first, patches], dim=1) + self.positions)
        for layer in self.layers:
            x = layer(x)
        return self.post_norm(x[:, 0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", default="1,8")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    print(f"PyTorch {torch.__version__}, the modules of transformers, {options.threads} threads")
    tower = Tower().eval()
    with torch.no_grad():
        for precision in options.precision.split(","):
            dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
            tower = tower.to(dtype)
            for batch in (int(word) for word in options.batch.split(",")):
                pixels = torch.randn(batch, 3, SIDE, SIDE, dtype=dtype)
                tower(pixels)
                best = float("inf")
                for _ in range(options.repeats):
                    start = time.perf_counter()
                    tower(pixels)
                    best = min(best, time.perf_counter() - start)
                print(f"{precision}  batch {batch:3}  {batch / best:8.2f} images/s", flush=True)


if __name__ == "__main__":
    main()
