"""The original's training augmentation on OpenCV's Python binding alone, without Albumentations' own overhead: what its
Python pipeline can reach at best. Usage: augment_cv2.py [side] [pictures]; needs python3-opencv."""
import math
import random
import sys
import time

import cv2
import numpy as np

cv2.setNumThreads(1)


def picture(side):
    noise = np.random.default_rng(7).integers(0, 256, (side, side, 3), dtype=np.uint8)
    smooth = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX)
    return cv2.addWeighted(smooth, 0.92, noise, 0.08, 0)


def flip(img):
    return cv2.flip(img, 1)


def rotate(img):
    h, w = img.shape[:2]
    matrix = cv2.getRotationMatrix2D((w / 2 - 0.5, h / 2 - 0.5), random.uniform(-10, 10), 1)
    return cv2.warpAffine(img, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def crop(img):
    h, w = img.shape[:2]
    for _ in range(10):
        area = random.uniform(0.85, 1) * h * w
        ratio = math.exp(random.uniform(math.log(0.75), math.log(4 / 3)))
        cw, ch = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < cw <= w and 0 < ch <= h:
            y, x = random.randint(0, h - ch), random.randint(0, w - cw)
            break
    else:
        x, y, cw, ch = 0, 0, w, h
    part = img[y:y + ch, x:x + cw]
    return part if part.shape[:2] == (224, 224) else cv2.resize(part, (224, 224), interpolation=cv2.INTER_LINEAR)


def colour(img):
    factors = random.uniform(0.8, 1.2), random.uniform(0.8, 1.2), random.uniform(0.9, 1.1)
    order = [0, 1, 2]
    random.shuffle(order)
    levels = np.arange(0, 256)
    for step in order:
        factor = factors[step]
        if step == 0:
            img = cv2.LUT(img, np.clip(levels * factor, 0, 255).astype(np.uint8))
        elif step == 1:
            mean = cv2.cvtColor(img, cv2.COLOR_RGB2GRAY).mean()
            img = cv2.LUT(img, np.clip(levels * factor + mean * (1 - factor), 0, 255).astype(np.uint8))
        else:
            grey = cv2.cvtColor(cv2.cvtColor(img, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            img = cv2.addWeighted(img, factor, grey, 1 - factor, 0)
    return img


def jpeg(img, quality):
    _, data = cv2.imencode(".jpg", img, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)


def social(img):
    h, w = img.shape[:2]
    scale = random.uniform(0.4, 0.8)
    small = jpeg(cv2.resize(img, (int(w * scale), int(h * scale)), interpolation=cv2.INTER_AREA), random.randint(20, 69))
    img = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.5:
        size = random.choice([3, 5])
        img = cv2.GaussianBlur(img, (size, size), 0)
    return img


def compress(img):
    return jpeg(img, random.randint(30, 95))


def blur(img):
    size = random.randrange(3, 8)
    size = size if size % 2 else (size + 1) % 8
    return cv2.GaussianBlur(img, (size, size), 0)


def down(img):
    scale = random.uniform(0.5, 0.9)
    small = cv2.resize(img, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    return cv2.resize(small, img.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def high_pass(img):
    grey = cv2.cvtColor(img, cv2.COLOR_RGB2GRAY).astype(np.float32)
    rest = grey - cv2.GaussianBlur(grey, (0, 0), 3.0)
    rest -= rest.min()
    most = rest.max()
    out = (rest / most * 255).astype(np.uint8) if most > 0 else np.zeros(grey.shape, np.uint8)
    return np.stack([out] * 3, axis=-1)


RECIPE = [("HorizontalFlip", 0.5, flip), ("Rotate", 0.5, rotate), ("RandomResizedCrop", 1, crop),
          ("ColorJitter", 0.5, colour), ("SocialMediaDegradation", 0.4, social), ("ImageCompression", 0.5, compress),
          ("GaussianBlur", 0.3, blur), ("Downscale", 0.3, down), ("HighPass", 0.15, high_pass)]


def per_second(steps, img, count, always):
    start = time.thread_time()
    for _ in range(count):
        out = img
        for _, p, step in steps:
            if always or random.random() < p:
                out = step(out)
    return count / (time.thread_time() - start)


def main():
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 224
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    img = picture(side)
    print(f"Python with OpenCV {cv2.__version__}, {side} px, pictures a CPU-second")
    for step in RECIPE:
        print(f"{step[0]:24s} {per_second([step], img, count // 4 + 1, True):10.0f}")
    print(f"{'whole recipe':24s} {max(per_second(RECIPE, img, count, False) for _ in range(3)):10.0f}")


main()
