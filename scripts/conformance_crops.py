#!/usr/bin/env python3
"""Crops of public pictures by `truecrop crop`, and by their definition in float64: corners, turns, mirrors, backgrounds.

    python3 scripts/conformance_crops.py [FOLDER] [--binary target/release/truecrop] [--every 1] [--list FILE]

FOLDER (or TRUECROP_CONFORMANCE) has one folder for each collection. `scripts/conformance.py` holds whole pictures, pixel by
pixel, to another decoder. This one takes such a whole picture, as truecrop makes it, and holds crops of the same file to what
Lanczos3 makes of it. So it measures where a crop lies, what it takes from beyond its edges, how it is filtered, and that
windows and decode scales show what the whole picture shows.

The reference (docs/ARCHITECTURE.md, *What a turned output is made of*): samples as they are coded, colours multiplied by
opacity. An upright crop uses no pixel from outside it. A turned one is filtered along the output's axes where it shrinks, and
along the picture's where it does not. On a background the picture is filtered alone, and weighs by the area that it covers;
of turned ones the pixels that it covers in part are left out.
Outputs are compared over black and over white.

Printed for each case: how many crops, the largest difference in levels, the least PSNR and its fifth percentile, and how many are
beyond the tolerance. That is a PSNR of 50 dB, and differences of at most 4 levels of upright crops and 16 of turned ones. JPEGs that are
decoded smaller (two pixels and more for each of the output) are held to 36 dB alone: thumbnails are rich in detail.

It needs numpy and Pillow.
"""

import argparse
import collections
import json
import math
import os
import random
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from conformance import SUFFIXES, Refused, Truecrop

MOST_PIXELS = 4_000_000
BACKGROUND = (16, 48, 160)

Case = collections.namedtuple("Case", "name size options rotate flip background")


def cases(width, height, chance):
    """What is cut of a picture of this size."""
    k = 256 / max(width, height)
    whole = max(round(width * k), 1), max(round(height * k), 1)
    yield Case("whole", whole, ["--crop", f"0,0,{width},{height}"], 0, "none", False)
    corners = {"top left": "0,0", "bottom right": "1,1", "top right": "1,0"}
    for (where, center), (zoom, size) in zip(corners.items(), [(4, (64, 48)), (4, (50, 70)), (40, (40, 40))]):
        yield Case(f"{where}, zoom {zoom}", size, ["--zoom", str(zoom), "--center", center], 0, "none", False)
    x, y = (math.floor(chance.random() * (side - 1) * 256) / 256 for side in (width, height))
    tiny = f"{x},{y},{1 + 1 / 256},{1 + 1 / 256}" if min(width, height) > 2 else f"0,0,{width},{height}"
    yield Case("one pixel", (9, 9), ["--crop", tiny], 0, "none", False)
    least = math.log2(max(min(width, height) / 200, 1))
    for degrees, flip in [(7, "none"), (45, "horizontal"), (90, "none"), (181.5, "vertical"), (270, "both"), (300, "none")]:
        zoom = 2 ** (least + 3 * chance.random())
        view = ["--zoom", f"{zoom:.4f}", "--center", f"{chance.random():.4f},{chance.random():.4f}"]
        yield Case(f"turned {degrees}, {flip}", (24, 24), view, degrees, flip, False)
    for degrees in (0, 20):
        zoom = min(0.9 * chance.random() + 0.05, 8 * 32 / min(width, height)) if degrees else 0.9 * chance.random() + 0.05
        view = ["--zoom", f"{zoom:.4f}", "--center", f"{chance.random():.4f},{chance.random():.4f}"]
        yield Case(f"on a background, {degrees}", (40, 32), view, degrees, "none", True)


def lanczos3(x):
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


def axis(start, extent, count, length, least=0):
    """The weights of each output pixel over the pixels of an axis."""
    pitch = extent / count
    wide = max(pitch, 1.0)
    low, high = max(math.floor(start), least), min(math.ceil(start + extent), length)
    out = np.zeros((count, length))
    for k in range(count):
        # the middle of what the picture covers of the output pixel
        centre = (max(start + k * pitch, 0) + min(start + (k + 1) * pitch, length)) / 2
        first, last = max(math.floor(centre - 3 * wide), low), min(math.ceil(centre + 3 * wide), high)
        weights = lanczos3((np.arange(first, last) + 0.5 - centre) / wide)
        if len(weights) and abs(weights.sum()) > 1e-6:
            out[k, first:last] = weights / weights.sum()
    return out


def upright(picture, crop, size):
    (x, y, width, height), (columns, rows) = crop, size
    down = np.tensordot(axis(y, height, rows, picture.shape[0]), picture, (1, 0))
    return np.tensordot(axis(x, width, columns, picture.shape[1]), down, (1, 1)).transpose(1, 0, 2)


def turned(picture, crop, size, degrees):
    """Filtered along the output's axes where it shrinks."""
    (x, y, width, height), (columns, rows) = crop, size
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    steps = width / columns, height / rows
    shrinks = min(steps) > 1
    wide = max(*steps, 1.0)
    reach = math.ceil(3 * wide * (abs(cos) + abs(sin) if shrinks else 1)) + 1
    out = np.zeros((rows, columns, picture.shape[2]))
    for row in range(rows):
        for column in range(columns):
            u, v = (column + 0.5 - columns / 2) * steps[0], (row + 0.5 - rows / 2) * steps[1]
            cx, cy = x + width / 2 + cos * u + sin * v, y + height / 2 - sin * u + cos * v
            left, top = max(math.floor(cx) - reach, 0), max(math.floor(cy) - reach, 0)
            part = picture[top : max(math.ceil(cy) + reach, 0), left : max(math.ceil(cx) + reach, 0)]
            if part.size == 0:
                continue
            dy, dx = np.ogrid[: part.shape[0], : part.shape[1]]
            dx, dy = dx + left + 0.5 - cx, dy + top + 0.5 - cy
            if shrinks:
                weights = lanczos3((cos * dx - sin * dy) / steps[0]) * lanczos3((sin * dx + cos * dy) / steps[1])
            else:
                weights = lanczos3(dx) * lanczos3(dy)
            total = weights.sum()
            if abs(total) > 1e-6:
                out[row, column] = np.einsum("yx,yxc->c", weights, part) / total
    return out


def covered(source, crop, size, degrees, fine=16):
    """The part of each output pixel that the picture covers."""
    (x, y, width, height), (columns, rows) = crop, size
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    u = ((np.arange(columns * fine) + 0.5) / fine - columns / 2) * width / columns
    v = (((np.arange(rows * fine) + 0.5) / fine - rows / 2) * height / rows)[:, None]
    at_x, at_y = x + width / 2 + cos * u + sin * v, y + height / 2 - sin * u + cos * v
    inside = (at_x > 0) & (at_x < source[0]) & (at_y > 0) & (at_y < source[1])
    return inside.reshape(rows, fine, columns, fine).mean((1, 3))[..., None]


def reference(whole, crop, case):
    """The output in float64, colours multiplied by opacity, all of 0 to 255."""
    source = whole.shape[1], whole.shape[0]
    picture = whole.astype(np.float64)
    picture[..., :3] *= picture[..., 3:] / 255
    x, y, width, height = crop
    if case.flip in ("horizontal", "both"):
        picture, x = picture[:, ::-1], source[0] - x - width
    if case.flip in ("vertical", "both"):
        picture, y = picture[::-1], source[1] - y - height
    crop = x, y, width, height
    if case.rotate % 90 == 0:
        quarters = case.rotate // 90
        # the same output, upright, and turned afterwards
        size = case.size if quarters % 2 == 0 else case.size[::-1]
        if quarters % 2:
            cx, cy = x + width / 2, y + height / 2
            crop = cx - height / 2, cy - width / 2, height, width
        out = np.rot90(upright(picture, crop, size), -quarters)
    else:
        out = turned(picture, crop, case.size, case.rotate)
    if not case.background:
        out = out.clip(0, 255)
        out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
        return out
    share = covered(source, crop, case.size, case.rotate)
    out *= share
    # as if the picture had been laid onto the colour before
    colors = (out[..., :3] + np.array(BACKGROUND) * (1 - out[..., 3:] / 255)).clip(0, 255)
    # which place of a turned picture stands for a pixel that it covers in part is nowhere said
    unsaid = (share > 0) & (share < 1) & (case.rotate % 90 != 0)
    return np.dstack([np.where(unsaid, np.nan, colors), np.full(share.shape, 255.0)])


def differences(got, wanted):
    """Over black and over white."""
    got = got.astype(np.float64)
    got[..., :3] *= got[..., 3:] / 255
    grounds = [got[..., :3] - wanted[..., :3] + g * (wanted[..., 3:] - got[..., 3:]) for g in (0, 1)]
    return np.nan_to_num(np.concatenate(grounds, axis=2))


def psnr(error):
    square = np.mean(error**2)
    return 10 * math.log10(255**2 / square) if square > 0 else 99.0


def crop_of(truecrop, path, case):
    """The output, and the crop in oriented pixels."""
    options = ["--size", f"{case.size[0]}x{case.size[1]}", *case.options]
    options += ["--rotate", str(case.rotate), "--flip", case.flip]
    if case.background:
        options += ["--background", "#" + bytes(BACKGROUND).hex()]
    facts = truecrop.run(path, *options)
    crop = json.loads(truecrop.receipt.read_text())["crop"]
    return np.asarray(Image.open(truecrop.out).convert("RGBA")), [crop[k] for k in ("x", "y", "width", "height")], facts


def judge(case, crop, error, source_format):
    step = max(crop[2] / case.size[0], crop[3] / case.size[1])
    db, most = psnr(error), float(np.abs(error).max())
    if source_format == "jpeg" and step >= 2:
        return db, most, db >= 36
    turned_or_ground = case.rotate % 90 != 0 or case.background
    return db, most, db >= 50 and most <= (16 if turned_or_ground else 4)


def crops(binary, path):
    """(case, dB, levels, within the tolerance, remark) of each crop of a file."""
    chance, found = random.Random(zlib.crc32(path.name.encode())), []
    with tempfile.TemporaryDirectory() as folder:
        truecrop = Truecrop(binary, folder)
        try:
            facts = truecrop.run(path, "--size", "1x1")
            width, height = facts["width"], facts["height"]
            if width * height > MOST_PIXELS:
                return []
            whole, facts = truecrop.picture(path, (width, height))
        except Refused:
            return []
        for case in cases(width, height, chance):
            try:
                got, crop, _ = crop_of(truecrop, path, case)
            except Refused as error:
                found.append((case.name, 0.0, 255.0, False, f"refused: {error}"))
                continue
            error = differences(got, reference(whole, crop, case))
            db, most, good = judge(case, crop, error, facts["format"])
            inner = error[1:-1, 1:-1]
            remark = f"crop {crop} to {case.size}, within its border {psnr(inner) if inner.size else 99:.1f} dB"
            found.append((case.name, db, most, good, remark))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.environ.get("TRUECROP_CONFORMANCE"))
    parser.add_argument("--binary", default="target/release/truecrop")
    parser.add_argument("--every", type=int, default=1, help="take only each n-th picture")
    parser.add_argument("--list", help="file for the crops that are beyond the tolerance")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if not arguments.folder:
        parser.error("name a folder, or set TRUECROP_CONFORMANCE")
    root, rows, beyond = Path(arguments.folder), collections.defaultdict(list), []
    files = [p for p in sorted(root.glob("*/**/*")) if p.is_file() and p.suffix.lower()[1:] in SUFFIXES]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        taken = files[:: arguments.every]
        for path, found in zip(taken, pool.map(lambda path: crops(arguments.binary, path), taken)):
            for name, db, most, good, remark in found:
                rows[name].append((db, most, good))
                if not good:
                    beyond.append(f"{path.relative_to(root)}\t{name}\t{db:.1f} dB, {most:.0f} levels\t{remark}")
                    print(beyond[-1], file=sys.stderr, flush=True)
    print("| case | crops | most levels | least dB | 5th percentile | beyond the tolerance |\n| --- | --- | --- | --- | --- | --- |")
    for name, values in rows.items():
        db, most = [v[0] for v in values], max(v[1] for v in values)
        figures = f"{most:.1f} | {min(db):.1f} | {np.percentile(db, 5):.1f} | {sum(not v[2] for v in values)}"
        print(f"| {name} | {len(values)} | {figures} |")
    if arguments.list:
        Path(arguments.list).write_text("\n".join(beyond) + "\n")


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None
    main()
