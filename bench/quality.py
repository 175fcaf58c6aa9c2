#!/usr/bin/env python3
"""How far the crops of real photographs are from the ideal.

    python3 bench/quality.py FOLDER... [--binary target/release/truecrop] [--shrinks 8,4,2] [--csv FILE]

For every JPEG of the folders and every shrinking: the whole picture, and a window that begins and ends between pixels,
as PNG by `truecrop crop`; beside it the exact Lanczos3 in float64 of libjpeg-turbo's full decode (by Pillow, turned as its
EXIF orientation says), with the samples as they are coded (sRGB). The ideal uses no pixel from outside the crop, like truecrop.
Prints the least, the fifth percentile and the median of the PSNR, in dB over all channels, for each shrinking, and the worst
pictures. Colour profiles are taken off both, because this measures the decode scale and the filter. Damaged pictures, those that are
neither gray nor of three channels, and crops under 48 pixels are left out.

It needs numpy and Pillow (with libjpeg-turbo).
"""

import argparse
import csv
import io
import json
import math
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SHRINKS = "16,10.9,8,5.3,4,3.7,2.6,2"
LEAST = 48


def without_profile(file):
    """The JPEG without its ICC segments."""
    out, at = bytearray(file[:2]), 2
    while at + 4 <= len(file) and file[at] == 0xFF and file[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")
        if not (file[at + 1] == 0xE2 and file[at + 4 : at + 16] == b"ICC_PROFILE\0"):
            out += file[at:end]
        at = end
    return bytes(out) + file[at:]


def decoded(file):
    """The upright pixels as height x width x 3 bytes; None for what is damaged or has other channels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = Image.open(io.BytesIO(file))
            if picture.format not in ("JPEG", "MPO") or picture.mode not in ("RGB", "L"):
                return None
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except Exception:
        return None


def lanczos3(x):
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


def axis(start, extent, count, length):
    """First pixel and weights of each output pixel."""
    pitch = extent / count
    width = max(pitch, 1.0)
    low, high = math.floor(start), min(math.ceil(start + extent), length)
    for k in range(count):
        centre = start + (k + 0.5) * pitch
        first = max(math.floor(centre - 3 * width), low)
        last = min(math.ceil(centre + 3 * width), high)
        weights = lanczos3((np.arange(first, last) + 0.5 - centre) / width)
        yield first, weights / weights.sum()


def ideal(pixels, crop, size):
    """The crop's pixels in float64, not rounded."""
    (x, y, width, height), (columns, rows) = crop, size
    low, high = math.floor(x), min(math.ceil(x + width), pixels.shape[1])
    down = np.empty((rows, (high - low) * 3))
    for k, (first, weights) in enumerate(axis(y, height, rows, pixels.shape[0])):
        taken = pixels[first : first + len(weights), low:high].reshape(len(weights), -1)
        down[k] = weights @ taken.astype(np.float64)
    down = down.reshape(rows, high - low, 3)
    across = np.empty((rows, columns, 3))
    for k, (first, weights) in enumerate(axis(x, width, columns, pixels.shape[1])):
        across[:, k] = np.einsum("ytc,t->yc", down[:, first - low : first - low + len(weights)], weights)
    return np.clip(across, 0, 255)


def ours(binary, file, crop, size, folder):
    out = folder / "out.png"
    corners = ",".join(repr(v) for v in crop)
    command = [binary, "crop", file, "--crop", corners, "--size", f"{size[0]}x{size[1]}", "--format", "png", "-o", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{file}: {done.stderr.strip()}")
    return np.asarray(Image.open(out).convert("RGB")).astype(np.float64)


def cases(pixels, shrink):
    """The whole picture, but for the rest that fills no output pixel; and a window between pixels. Crops end on 1/256 pixel."""
    height, width = pixels.shape[:2]
    for name, part, (x, y) in (("whole", 1.0, (0.0, 0.0)), ("window", 0.45, (0.3, 0.4))):
        columns, rows = int(width * part / shrink), int(height * part / shrink)
        if min(columns, rows) < LEAST:
            continue
        x, y = (round(v * 256) / 256 for v in (x * width, y * height))
        w, h = (round(n * shrink * 256) / 256 for n in (columns, rows))
        yield name, (x, y, w, h), (columns, rows)


def psnr(a, b):
    error = np.mean((a - b) ** 2)
    return 10 * math.log10(255**2 / error) if error > 0 else 99.0


def measure(arguments, folder):
    paths = sorted(p for f in arguments.folders for p in Path(f).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
    for path in paths[:: arguments.every]:
        file = without_profile(path.read_bytes())
        pixels = decoded(file)
        if pixels is None:
            continue
        plain = folder / "in.jpg"
        plain.write_bytes(file)
        for shrink in arguments.shrinks:
            for name, crop, size in cases(pixels, shrink):
                got = ours(arguments.binary, plain, crop, size, folder)
                yield path, shrink, name, psnr(got, ideal(pixels, crop, size))


def table(rows):
    print("| shrinking | crops | least dB | 5th percentile | median | below 50 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for shrink in sorted({row[1] for row in rows}, reverse=True):
        values = np.array([row[3] for row in rows if row[1] == shrink])
        figures = [values.min(), np.percentile(values, 5), np.median(values)]
        below = np.count_nonzero(values < 50)
        print(f"| {shrink:g} | {len(values)} | " + " | ".join(f"{v:.1f}" for v in figures) + f" | {below} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--binary", default="target/release/truecrop")
    parser.add_argument("--shrinks", type=lambda text: [float(v) for v in text.split(",")], default=SHRINKS)
    parser.add_argument("--every", type=int, default=1, help="take only each n-th picture")
    parser.add_argument("--csv", help="file for all figures")
    arguments = parser.parse_args()
    if isinstance(arguments.shrinks, str):
        arguments.shrinks = [float(v) for v in arguments.shrinks.split(",")]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for row in measure(arguments, Path(folder)):
            rows.append(row)
            print(f"{row[0].name} {row[1]:g} {row[2]} {row[3]:.1f}", file=sys.stderr, flush=True)
    print(f"{len({row[0] for row in rows})} pictures\n")
    table(rows)
    print("\nThe worst:\n")
    for path, shrink, name, value in sorted(rows, key=lambda row: row[3])[:12]:
        print(f"- {path.name}, {name}, {shrink:g} to 1: {value:.1f} dB")
    if arguments.csv:
        with open(arguments.csv, "w", newline="") as file:
            csv.writer(file).writerows((row[0].name, *row[1:]) for row in rows)


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None
    main()
